/** Internal: see docs/architecture.md. */
@NullMarked
package dev.meerkat.internal.tls;

import org.jspecify.annotations.NullMarked;
