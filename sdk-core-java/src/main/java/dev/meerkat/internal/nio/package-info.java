/** Internal: see docs/architecture.md. */
@NullMarked
package dev.meerkat.internal.nio;

import org.jspecify.annotations.NullMarked;
