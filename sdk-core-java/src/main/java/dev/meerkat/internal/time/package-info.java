/** Internal: see docs/architecture.md. */
@NullMarked
package dev.meerkat.internal.time;

import org.jspecify.annotations.NullMarked;
