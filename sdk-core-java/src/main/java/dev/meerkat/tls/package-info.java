/**
 * What a program may say about TLS: who it is, whom it trusts, which versions and protocols it speaks. Start at
 * {@link dev.meerkat.tls.TlsOptions}.
 */
@NullMarked
package dev.meerkat.tls;

import org.jspecify.annotations.NullMarked;
