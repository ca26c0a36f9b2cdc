/** What both ends of HTTP do on a connection: put the framing around a body, and come back in another turn. */
@NullMarked
package dev.meerkat.internal.httpio;

import org.jspecify.annotations.NullMarked;
