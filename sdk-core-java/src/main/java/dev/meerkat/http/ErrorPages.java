package dev.meerkat.http;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Pages for failures: HTML for who prefers that, text for everybody else.
 *
 * <pre>{@code
 * HttpServerOptions.builder().errorPage(ErrorPages.html((status, message) -> "<h1>" + status + "</h1><p>" + message))
 * }</pre>
 *
 * <p>A server's {@link HttpServerOptions#errorPage} makes the pages of what a handler threw and of what was refused
 * before a handler saw it; {@link #filter} those of what handlers and routers returned.
 */
public final class ErrorPages {
    private ErrorPages() {}

    /**
     * Makes plain HTML out of an answer in plain text, if the peer prefers HTML (RFC 9110 §12.5.1). Other answers pass.
     *
     * @return for {@link HttpServerOptions#errorPage} and {@link #filter}
     */
    public static BiFunction<Optional<Request>, Response, Response> html() {
        return html((status, message) -> "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>" + status
                + "</title>\n<h1>" + status + "</h1>\n<p>" + message + "</p></html>\n");
    }

    /**
     * The same with a page of the program's.
     *
     * @param page makes HTML of status and message; in the message everything that means something in HTML is escaped
     * @return for {@link HttpServerOptions#errorPage} and {@link #filter}
     */
    public static BiFunction<Optional<Request>, Response, Response> html(BiFunction<Integer, String, String> page) {
        return (request, plain) -> {
            if (!isPlain(plain) || !request.map(ErrorPages::prefersHtml).orElse(false)) {
                return plain;
            }
            String message = plain.body() instanceof ResponseBody.Whole whole
                    ? whole.bytes().utf8()
                    : "";
            Response made = Response.html(page.apply(plain.status(), escape(message)));
            return plain.withBody(made.body())
                    .withHeader("Content-Type", "text/html; charset=utf-8")
                    .withVary("Accept");
        };
    }

    /**
     * Puts pages in the place of answers from 400 on that are plain text or have no body at all.
     *
     * @param page {@link #html()}, or another
     * @return a filter
     */
    public static HttpFilter filter(BiFunction<Optional<Request>, Response, Response> page) {
        return HttpFilter.changing((request, answer) -> page.apply(Optional.of(request), answer));
    }

    private static boolean isPlain(Response response) {
        return response.status() >= 400
                && (response.body() instanceof ResponseBody.Empty
                        || (response.body() instanceof ResponseBody.Whole
                                && response.headers()
                                        .first("Content-Type")
                                        .orElse("")
                                        .startsWith("text/plain")));
    }

    private static boolean prefersHtml(Request request) {
        List<String> accept = request.head().headers().elements("Accept");
        return Negotiation.mediaType(accept, List.of("text/plain", "text/html"))
                .filter("text/html"::equals)
                .isPresent();
    }

    /**
     * Writes a text so that it is text in HTML, between tags and in quoted attributes.
     *
     * @param text any text
     * @return with the five characters that mean something else escaped
     */
    public static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
