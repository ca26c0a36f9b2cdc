/**
 * Multipart bodies (RFC 2046 §5.1, RFC 7578), as forms with files are sent: reading them as a stream of
 * {@link dev.meerkat.multipart.PartEvent}s, storing them, and building them.
 */
@NullMarked
package dev.meerkat.multipart;

import org.jspecify.annotations.NullMarked;
