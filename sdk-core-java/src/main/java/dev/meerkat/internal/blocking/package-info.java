/** Internal: see docs/architecture.md. */
@NullMarked
package dev.meerkat.internal.blocking;

import org.jspecify.annotations.NullMarked;
