/** A server that programs nobody here wrote can be pointed at. */
@NullMarked
package dev.meerkat.examples.interop;

import org.jspecify.annotations.NullMarked;
