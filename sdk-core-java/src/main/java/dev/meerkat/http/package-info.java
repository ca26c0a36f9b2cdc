/**
 * What HTTP/1.1 speaks of: heads of requests and responses, header fields, limits, and what a peer can do wrong. Values
 * only; nothing here sends or receives. Start at {@link dev.meerkat.http.Headers} and
 * {@link dev.meerkat.http.RequestHead}.
 */
@NullMarked
package dev.meerkat.http;

import org.jspecify.annotations.NullMarked;
