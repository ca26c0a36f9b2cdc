/** Bytes as text and as packets, for whoever looks on: pure encoders, without socket, clock or file. */
@NullMarked
package dev.meerkat.internal.observe;

import org.jspecify.annotations.NullMarked;
