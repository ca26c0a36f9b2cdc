/**
 * A client of HTTP/1.1 on the event manager: connections that are kept for the next request, redirects, cookies,
 * proxies, and bodies that stream both ways. Start at {@link dev.meerkat.http.client.HttpClient}; whoever wants the
 * bare events of one connection, at {@link dev.meerkat.http.client.HttpClientConnection}.
 */
@NullMarked
package dev.meerkat.http.client;

import org.jspecify.annotations.NullMarked;
