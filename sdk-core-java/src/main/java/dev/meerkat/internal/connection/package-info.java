/** Internal: see docs/architecture.md. */
@NullMarked
package dev.meerkat.internal.connection;

import org.jspecify.annotations.NullMarked;
