package dev.meerkat.internal.http;

import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.HttpRule;
import dev.meerkat.internal.http.ServerConnection.Input;
import dev.meerkat.internal.http.ServerRequest.Answer;

/** Messages that never become whole, and who hears of it. Holds nothing; loaded when the first one fails. */
final class Failing {
    private Failing() {}

    /** The peer has broken a rule. It is told so if that is possible, then the connection closes. */
    static void fail(ServerConnection connection, HttpError error) {
        ServerRequest request = connection.exchange();
        boolean partial = request != null && connection.input() == Input.BODY;
        IncomingBody body = request == null ? null : request.incoming();
        boolean eventsHaveIt = request == null || !request.isTaken();
        Answer before = request == null ? Answer.OPEN : request.answer();
        connection.endAfterAnswer();
        connection.enter(Input.OVER);
        connection.leaveAll();
        if (partial && body != null) {
            body.fail(error); // who reads it may answer
        }
        if (before == Answer.ANSWERED) {
            connection.connection().abort(); // half an answer is out, and nothing can be said any more
        } else if (request == null || request.isOpen()) {
            connection.site().answering.failure(connection, request, error);
        }
        if (eventsHaveIt) {
            tell(connection, error, partial);
        }
        if (request == null || request.answer() == Answer.DONE) {
            connection.close();
        }
    }

    private static void tell(ServerConnection connection, HttpError error, boolean partial) {
        try {
            connection.tell(new HttpEvent.MessageFailed(error, partial));
        } catch (Throwable e) {
            connection.report(e);
        }
    }

    /** The connection has ended within a request, or its answer. */
    static void cutOff(ServerConnection connection, ServerRequest request) {
        IncomingBody body = request.incoming();
        if (body != null && !body.hasEnded()) {
            HttpError error =
                    new HttpError(HttpRule.INCOMPLETE_MESSAGE, "the connection ended within the body of a request");
            boolean events = body.isForEvents();
            body.fail(error);
            if (events) {
                tell(connection, error, true);
            }
        }
        OutgoingBody outgoing = request.outgoing;
        if (outgoing != null) {
            outgoing.cut();
        }
        request.gone();
    }
}
