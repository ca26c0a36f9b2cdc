package dev.meerkat.multipart;

import dev.meerkat.http.Request;
import dev.meerkat.http.Response;

/** Answers requests whose body is a form with files, once all of it is there. */
@FunctionalInterface
public interface MultipartFormHandler {
    /**
     * Answers a form. Called on the loop thread, so it must not block; {@link Response#later} is for work elsewhere.
     *
     * @param request the request
     * @param form its body
     * @return the answer
     * @throws Exception as of {@link dev.meerkat.http.HttpHandler#handle}
     */
    Response handle(Request request, MultipartForm form) throws Exception;
}
