/** Internal: see docs/architecture.md. */
@NullMarked
package dev.meerkat.internal.loop;

import org.jspecify.annotations.NullMarked;
