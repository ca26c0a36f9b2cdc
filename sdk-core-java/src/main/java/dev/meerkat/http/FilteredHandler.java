package dev.meerkat.http;

import java.util.Objects;

/** A filter and what stands behind it. */
record FilteredHandler(HttpFilter filter, HttpHandler next) implements HttpHandler {
    // Rejects missing parts.
    FilteredHandler {
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(next, "next");
    }

    @Override
    public Response handle(Request request) throws Exception {
        return filter.filter(request, next);
    }

    @Override
    public Response onHead(Request request) throws Exception {
        return filter.filter(request, next);
    }
}
