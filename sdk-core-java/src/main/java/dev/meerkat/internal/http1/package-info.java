/**
 * Bytes ↔ HTTP/1.1 messages, for both roles; pure: no socket, no clock, no thread. {@code Http1Decoder} turns bytes
 * into heads, slices of bodies and ends, {@code Http1Encoder} writes them and refuses what could be read in two ways.
 */
@NullMarked
package dev.meerkat.internal.http1;

import org.jspecify.annotations.NullMarked;
