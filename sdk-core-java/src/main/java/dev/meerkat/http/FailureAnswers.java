package dev.meerkat.http;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.internal.httpio.Later;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;

/** What a router answers when its handlers and filters fail, at once or later; made for the first such answer. */
final class FailureAnswers {
    private final Map<Class<?>, BiFunction<Request, Exception, Response>> answers = new LinkedHashMap<>();

    /** Adds the answer for a class of failures, which must have none. */
    <E extends Exception> void add(Class<E> type, BiFunction<Request, ? super E, Response> answer) {
        if (answers.putIfAbsent(type, (request, failure) -> answer.apply(request, type.cast(failure))) != null) {
            throw new IllegalArgumentException("expected one answer for " + type.getName());
        }
    }

    /** Has a handler answer, and answers for it if it fails. */
    Response guard(HttpHandler handler, Request request) throws Exception {
        try {
            return guarded(request, handler.onHead(request));
        } catch (Exception failure) {
            return failed(request, failure);
        }
    }

    /** Answers for what may fail later. */
    private Response guarded(Request request, Response response) {
        if (!(response.body() instanceof ResponseBody.Later later)) {
            return response;
        }
        CompletableFuture<Response> answer = new CompletableFuture<>();
        later.response().whenComplete((known, failure) -> {
            if (failure == null) {
                answer.complete(guarded(request, known));
            } else {
                onLoop(request, () -> completeFailed(request, failure, answer), answer);
            }
        });
        return Response.later(answer);
    }

    private static void onLoop(Request request, Runnable task, CompletableFuture<Response> answer) {
        EventManager manager = request.connection().manager();
        if (manager.inLoop()) {
            task.run();
            return;
        }
        if (!Later.run(manager, task)) {
            answer.completeExceptionally(new ManagerClosedException("no answer is wanted: " + manager + " is closed"));
        }
    }

    private void completeFailed(Request request, Throwable failure, CompletableFuture<Response> answer) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        try {
            if (cause instanceof Exception exception) {
                answer.complete(failed(request, exception));
            } else {
                answer.completeExceptionally(cause);
            }
        } catch (Exception unanswered) {
            answer.completeExceptionally(unanswered);
        }
    }

    /** Of several classes the nearest to the failure's own counts. */
    private Response failed(Request request, Exception failure) throws Exception {
        Class<?> type = failure.getClass();
        BiFunction<Request, Exception, Response> answer = answers.get(type);
        while (answer == null && type != Exception.class && !(failure instanceof ResponseException)) {
            type = type.getSuperclass();
            answer = answers.get(type);
        }
        if (answer == null) {
            throw failure;
        }
        return answer.apply(request, failure);
    }
}
