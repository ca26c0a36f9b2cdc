/** Internal: see docs/architecture.md. */
@NullMarked
package dev.meerkat.internal.buffer;

import org.jspecify.annotations.NullMarked;
