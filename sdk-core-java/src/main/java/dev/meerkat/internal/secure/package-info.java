/** Internal: see docs/architecture.md. */
@NullMarked
package dev.meerkat.internal.secure;

import org.jspecify.annotations.NullMarked;
