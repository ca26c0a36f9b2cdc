/** Internal: see docs/architecture.md. */
@NullMarked
package dev.meerkat.internal.names;

import org.jspecify.annotations.NullMarked;
