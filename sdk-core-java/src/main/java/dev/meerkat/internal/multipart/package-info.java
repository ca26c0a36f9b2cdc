/** Multipart bodies as bytes become events of parts: pure, no socket, no file, no clock, no thread. */
@NullMarked
package dev.meerkat.internal.multipart;

import org.jspecify.annotations.NullMarked;
