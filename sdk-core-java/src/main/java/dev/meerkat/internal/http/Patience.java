package dev.meerkat.internal.http;

import dev.meerkat.EventManager;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpRule;
import dev.meerkat.http.HttpTimeouts;
import dev.meerkat.http.Response;
import dev.meerkat.internal.http.Deadlines.Kind;
import dev.meerkat.internal.http.ServerConnection.Input;
import java.time.Duration;

/**
 * How long everything may take, for the connections of a site.
 *
 * <pre>
 *  whose turn                          until                                      then
 *  peer, between two requests          keepAlive                                  closed, nothing is said
 *  peer, within a head                 head, from the first byte                  408
 *  peer, within a body that is wanted  bodyGrace, and what it has sent allows     408
 *  handler, to ask or to answer        answerTimeout                              503
 *  handler, to read on when answered   answerTimeout                              closed
 *  peer, to take what waits            responseGrace, and what it takes allows    aborted
 *  producer of an answer, to go on     producerTimeout                            aborted
 *  the same, if the peer has ended     responseGrace                              aborted
 * </pre>
 *
 * <p>A rate is a deadline that every byte puts off, never farther than the grace: what was sent quickly is no excuse
 * for a pause later.
 */
final class Patience {
    private final EventManager manager;
    private final HttpTimeouts timeouts;
    private final long headNanos;
    private final long keepAliveNanos;
    private final long answerNanos;
    private final long bodyGraceNanos;
    private final long responseGraceNanos;
    private final long producerNanos;
    private final Duration producerTimeout;
    /** Those whose last answer may still be waiting to leave. */
    private final QuietList answered;
    /** Those who have nothing to send and nothing to hear. */
    private final QuietList idle;

    Patience(ServerSite site) {
        manager = site.manager;
        timeouts = site.options.timeouts();
        headNanos = Nanos.of(timeouts.head());
        keepAliveNanos = Nanos.of(timeouts.keepAlive());
        answerNanos = Nanos.of(site.options.answerTimeout());
        bodyGraceNanos = Nanos.of(timeouts.bodyGrace());
        responseGraceNanos = Nanos.of(timeouts.responseGrace());
        producerTimeout = site.options.producerTimeout();
        producerNanos = Nanos.of(producerTimeout);
        idle = new QuietList(manager, keepAliveNanos);
        answered = new QuietList(
                manager, timeouts.responseRate() > 0 ? Math.min(keepAliveNanos, responseGraceNanos) : keepAliveNanos);
    }

    /** The last connection has gone. */
    void end() {
        answered.end();
        idle.end();
    }

    private static void set(ServerConnection connection, Kind kind, long deadline) {
        connection.deadlines().set(kind, deadline);
    }

    private void setFromNow(ServerConnection connection, Kind kind, long nanos) {
        set(connection, kind, Nanos.after(manager.nanoTime(), nanos));
    }

    // ---------------------------------------------------------------- between two requests

    /** The connection waits for a request; what it answered may still have to leave. */
    void quiet(ServerConnection connection) {
        answered.add(connection);
    }

    /** A connection has been quiet for the time of a list. */
    void quietFor(ServerConnection connection, QuietList left) {
        if (connection.input() != Input.IDLE || !connection.connection().isOpen()) {
            return;
        }
        long now = manager.nanoTime();
        if (connection.connection().pendingBytes() > 0 && timeouts.responseRate() > 0) {
            connection.deadlines().leftBytes = connection.leftWhenQuiet();
            takesItsTime(connection, Nanos.after(connection.quietSince, responseGraceNanos));
        } else if (left == idle || Nanos.after(connection.quietSince, keepAliveNanos) <= now) {
            connection.close();
        } else {
            idle.add(connection);
        }
    }

    void headBegins(ServerConnection connection) {
        QuietList.leave(connection);
        setFromNow(connection, Kind.HEAD, headNanos);
    }

    // ---------------------------------------------------------------- within an exchange

    /** After anything has happened to a request: it is the peer's turn, or the handler's, or nobody waits. */
    void turn(ServerConnection connection, boolean bodyIsWanted) {
        ServerRequest request = connection.exchange();
        if (request == null) {
            return;
        }
        if (bodyIsWanted) {
            connection.clearDeadline(Kind.ANSWER);
            if (timeouts.bodyRate() > 0 && !connection.deadlines().isSet(Kind.BODY)) {
                setFromNow(connection, Kind.BODY, bodyGraceNanos);
            }
            return;
        }
        connection.clearDeadline(Kind.BODY);
        boolean handlersTurn = request.isOpen() || request.answer() == ServerRequest.Answer.DONE;
        if (handlersTurn && !connection.deadlines().isSet(Kind.ANSWER)) {
            setFromNow(connection, Kind.ANSWER, answerNanos);
        }
    }

    /** Bytes of a body came. */
    void bodyArrives(ServerConnection connection, int bytes) {
        Deadlines deadlines = connection.deadlinesIfAny();
        if (deadlines != null && deadlines.isSet(Kind.BODY)) {
            long later = Nanos.after(deadlines.get(Kind.BODY), Nanos.forBytes(bytes, timeouts.bodyRate()));
            deadlines.set(Kind.BODY, Math.min(later, Nanos.after(manager.nanoTime(), bodyGraceNanos)));
        }
    }

    // ---------------------------------------------------------------- the producer of an answer

    /** The producer has sent something or returned without: it is its turn as long as the peer takes more. */
    void producerPauses(ServerConnection connection) {
        if (connection.connection().isWritable()) {
            setFromNow(
                    connection,
                    Kind.PRODUCER,
                    connection.hasInputEnded() ? Math.min(responseGraceNanos, producerNanos) : producerNanos);
        } else {
            connection.clearDeadline(Kind.PRODUCER);
        }
    }

    private void producerIsSilent(ServerConnection connection) {
        ServerRequest request = connection.exchange();
        OutgoingBody body = request == null ? null : request.outgoing;
        if (body == null) {
            return;
        }
        if (connection.hasInputEnded()) {
            body.fail(ConnectionError.of(
                    ConnectionError.Kind.ABORTED,
                    "the peer has ended its side, and the producer of its answer was silent for "
                            + timeouts.responseGrace()));
        } else {
            String sentence = "the producer of an answer was silent for " + producerTimeout;
            connection.report(new IllegalStateException(sentence));
            body.fail(ConnectionError.of(ConnectionError.Kind.HANDLER_FAILED, sentence));
        }
    }

    // ---------------------------------------------------------------- what waits to be sent

    /** Something was handed to the connection, or has left it, and more is to come. */
    void outputMoves(ServerConnection connection) {
        if (timeouts.responseRate() == 0 || !connection.connection().isOpen()) {
            return;
        }
        Deadlines deadlines = connection.deadlines();
        if (deadlines.isSet(Kind.RESPONSE)) {
            putOff(connection, deadlines, deadlines.get(Kind.RESPONSE));
        } else if (connection.connection().pendingBytes() > 0) {
            deadlines.leftBytes = connection.left();
            setFromNow(connection, Kind.RESPONSE, responseGraceNanos);
        }
    }

    /**
     * Has what has left since the last look put off a deadline, but never farther than the grace from when the last of
     * it left. Answers whether the deadline lies ahead.
     */
    private boolean putOff(ServerConnection connection, Deadlines deadlines, long deadline) {
        long now = manager.nanoTime();
        long left = connection.left();
        long moved = Math.max(0, left - deadlines.leftBytes);
        deadlines.leftBytes = left;
        long later = deadline;
        if (moved > 0) {
            Duration ago = Duration.between(connection.connection().lastIo(), manager.wallTime());
            long lastMove = now - Math.max(0, Nanos.of(ago));
            later = Math.max(
                    deadline,
                    Math.min(
                            Nanos.after(deadline, Nanos.forBytes(moved, timeouts.responseRate())),
                            Nanos.after(lastMove, responseGraceNanos)));
        }
        deadlines.set(Kind.RESPONSE, later);
        return later > now;
    }

    private void takesItsTime(ServerConnection connection, long deadline) {
        if (!putOff(connection, connection.deadlines(), deadline)) {
            connection.dropDeadlines();
            // there is no use in saying anything to who does not listen
            connection
                    .connection()
                    .abort(ConnectionError.of(
                            ConnectionError.Kind.SLOW_RECEIVER,
                            "the peer took less than " + timeouts.responseRate() + " bytes a second of its answer"));
        }
    }

    // ---------------------------------------------------------------- too late

    void overdue(ServerConnection connection, Kind kind, long deadline) {
        if (!connection.connection().isOpen()) {
            return;
        }
        switch (kind) {
            case HEAD ->
                connection.fail(new HttpError(
                        HttpRule.HEAD_TIMEOUT, "the head of the request was not complete after " + timeouts.head()));
            case BODY ->
                connection.fail(new HttpError(
                        HttpRule.BODY_TOO_SLOW,
                        "the body came at less than " + timeouts.bodyRate() + " bytes a second"));
            case ANSWER -> nobodyAnswers(connection);
            case PRODUCER -> producerIsSilent(connection);
            case RESPONSE -> {
                if (connection.connection().pendingBytes() > 0) {
                    takesItsTime(connection, deadline);
                } else if (connection.input() == Input.IDLE) {
                    connection.becomeQuiet();
                } else if (connection.input() == Input.OVER) {
                    connection.closeWhenAllHasLeft();
                }
            }
        }
    }

    private static void nobodyAnswers(ServerConnection connection) {
        ServerRequest request = connection.exchange();
        if (request != null && request.isOpen()) {
            request.overrule();
            Answering answering = connection.site().answering;
            Response plain = Response.error(503, "Service Unavailable: no answer in time");
            answering.answer(connection, request, answering.errorPage(connection, request, plain));
        } else if (request != null && request.answer() == ServerRequest.Answer.DONE) {
            connection.close(); // it has answered, and neither reads the rest of the body nor leaves it
        }
    }
}
