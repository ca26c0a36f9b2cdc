/** An echo server over TLS whose certificate is renewed while it runs. */
@NullMarked
package dev.meerkat.examples.tls;

import org.jspecify.annotations.NullMarked;
