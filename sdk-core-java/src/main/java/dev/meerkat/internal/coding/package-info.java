/** Content codings of bodies (RFC 9110 §8.4.1) as they come, for servers and clients. Pure: bytes in, bytes out. */
@NullMarked
package dev.meerkat.internal.coding;

import org.jspecify.annotations.NullMarked;
