/**
 * The client of HTTP/1.1: {@code ClientStage} makes events of a connection's bytes, {@code Pool} keeps connections,
 * {@code Exchange} is one call with everything that belongs to it. What knows no connection stands beside:
 * {@code Redirects}, {@code UriReference}, {@code Socks5}.
 */
@NullMarked
package dev.meerkat.internal.httpclient;

import org.jspecify.annotations.NullMarked;
