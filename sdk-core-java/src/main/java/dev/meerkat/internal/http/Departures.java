package dev.meerkat.internal.http;

import dev.meerkat.Connection;
import dev.meerkat.http.AccessRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers of which somebody wants to know when the operating system has taken their last byte: who waits for it, the
 * access log, another protocol. In the order in which they leave, which is that of the requests.
 */
final class Departures {
    /** What follows when the last byte has left. */
    interface Step {
        /**
         * Takes the next step.
         *
         * @throws Exception what a handler throws
         */
        void run() throws Exception;
    }

    private static final long NOT_YET = -1;

    /** One answer. */
    private static final class Departure {
        final ServerRequest request;
        /** When the head of the request had come; for the log. */
        final @Nullable Instant started;

        final long startedNanos;
        /** How many bytes of the connection will have left when all of the answer has. */
        long end = NOT_YET;

        Departure(ServerRequest request, @Nullable Instant started, long startedNanos) {
            this.request = request;
            this.started = started;
            this.startedNanos = startedNanos;
        }
    }

    private final ServerConnection connection;
    private final ArrayDeque<Departure> waiting = new ArrayDeque<>();
    private @Nullable Step upgrade;

    Departures(ServerConnection connection) {
        this.connection = connection;
        Connection below = connection.connection();
        if (!below.options().sentEvents() && below.isOpen()) {
            below.configure(below.options().toBuilder().sentEvents(true).build());
        }
    }

    /** A request has come that is to be logged. */
    void begins(ServerRequest request) {
        waiting.add(new Departure(
                request, connection.manager().wallTime(), connection.manager().nanoTime()));
    }

    /** Somebody waits for the answer to have left. */
    void awaited(ServerRequest request) {
        if (connection.site().logs) {
            return; // it is here, or has left already
        }
        Departure departure = new Departure(request, null, 0);
        waiting.add(departure);
        if (request.answer() == ServerRequest.Answer.DONE) {
            departure.end = connection.handed();
        }
    }

    /** All of an answer was handed to the connection. */
    void handed(ServerRequest request) {
        for (Departure departure : waiting) {
            if (departure.request == request) {
                departure.end = connection.handed();
            }
        }
    }

    /** The head of an answer was handed to the connection that begins another protocol. */
    void upgrade(ServerRequest request, Step step) {
        handed(request);
        upgrade = step;
    }

    /** Bytes have left, or nothing had to. */
    void look() {
        long left = connection.left();
        for (Departure first = waiting.peek();
                first != null && first.end != NOT_YET && first.end <= left;
                first = waiting.peek()) {
            waiting.remove();
            tell(first, true);
        }
    }

    /**
     * Bytes have left. If they were the last of a head that begins another protocol, that takes over.
     *
     * @throws Exception what its handler throws
     */
    void lookAtUpgrade() throws Exception {
        Step step = upgrade;
        if (step != null && connection.left() == connection.handed()) {
            upgrade = null;
            step.run();
        }
    }

    /** Nothing leaves any more. */
    void cut() {
        upgrade = null;
        for (Departure each = waiting.poll(); each != null; each = waiting.poll()) {
            tell(each, false);
        }
    }

    private void tell(Departure departure, boolean whole) {
        Instant started = departure.started;
        if (started != null) {
            ServerRequest request = departure.request;
            log(
                    connection,
                    new AccessRecord(
                            connection.connection().remoteAddress(),
                            Optional.of(request),
                            request.status(),
                            request.sentBytes(),
                            started,
                            Duration.ofNanos(connection.manager().nanoTime() - departure.startedNanos),
                            whole));
        }
        departure.request.tellSent(whole);
    }

    /** A request was answered that nobody had understood. */
    static void unknown(ServerConnection connection, int status, int bytes) {
        if (connection.site().logs) {
            log(
                    connection,
                    new AccessRecord(
                            connection.connection().remoteAddress(),
                            Optional.empty(),
                            status,
                            bytes,
                            connection.manager().wallTime(),
                            Duration.ZERO,
                            true));
        }
    }

    private static void log(ServerConnection connection, AccessRecord entry) {
        try {
            connection.site().options.accessLog().orElseThrow().accept(entry);
        } catch (Throwable e) {
            connection.report(e);
        }
    }
}
