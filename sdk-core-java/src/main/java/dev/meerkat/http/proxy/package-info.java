/** A reverse proxy as a handler: start at {@link dev.meerkat.http.proxy.ReverseProxy}. */
@NullMarked
package dev.meerkat.http.proxy;

import org.jspecify.annotations.NullMarked;
