package dev.meerkat.http;

import java.util.Objects;

/** Hands a request on at its head. */
record StreamingHandler(HttpHandler handler) implements HttpHandler {
    // Rejects a missing handler.
    StreamingHandler {
        Objects.requireNonNull(handler, "handler");
    }

    @Override
    public Response handle(Request request) throws Exception {
        return handler.handle(request);
    }

    @Override
    public Response onHead(Request request) throws Exception {
        return handler.handle(request);
    }
}
