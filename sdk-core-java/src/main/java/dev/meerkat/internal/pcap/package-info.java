/**
 * Packet captures: pcapng blocks, IP packets, and the TCP segments that a stream might have been. Pure code that writes
 * into buffers; it knows no file, socket or clock.
 */
@NullMarked
package dev.meerkat.internal.pcap;

import org.jspecify.annotations.NullMarked;
