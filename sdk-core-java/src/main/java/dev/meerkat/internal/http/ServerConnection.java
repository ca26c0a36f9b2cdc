package dev.meerkat.internal.http;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.SendLimitException;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.Event;
import dev.meerkat.http.HttpError;
import dev.meerkat.internal.http.ServerRequest.Answer;
import dev.meerkat.internal.httpio.Later;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The life of a connection that is served: the request under way, when it is over and what follows, what is sent, and
 * the end. {@link ServerProtocol} reads.
 */
abstract class ServerConnection extends QuietList.Member implements Runnable {
    /** What is being read; the picture is at {@link ServerProtocol}. */
    enum Input {
        /** No byte of the next request has come. */
        IDLE,
        /** A part of a head has come. */
        HEAD,
        /** The body of the request that is under way. */
        BODY,
        /** Nothing: the request is complete, the answer is not. */
        COMPLETE,
        /** Nothing: another protocol takes over as soon as the answer has left. */
        UPGRADE,
        /** Nothing any more: what comes is thrown away. */
        OVER
    }

    /** The server before the connection has begun, then its site, null when HTTP is over: one field for all of it. */
    private @Nullable ServerPlace place;

    private @Nullable Connection connection;
    private @Nullable Handler above;
    private @Nullable ServerRequest exchange;
    /** While something takes longer than a turn. */
    private @Nullable Deadlines deadlines;
    /** While somebody wants to know what has left. */
    private @Nullable Departures departures;

    private Input input = Input.IDLE;
    /** What waited when the connection became quiet; the largest number for more than 2 GiB. */
    private int pendingWhenQuiet;
    /** How many bytes were handed to the connection, ever. */
    private long handed;
    /** The next answer is the last. */
    private boolean lastAnswer;
    /** The last answer was given, and the connection closes when it has left. */
    private boolean closing;

    /** Requests are being read: handlers are never called inside one another. */
    private boolean reading;

    private boolean inputEnded;
    private boolean readingPaused;
    private boolean goingOn;
    /** As they were before HTTP came, and shall be when it goes. */
    private @Nullable ConnectionOptions options;

    ServerConnection(ServerPlace server) {
        place = server;
    }

    // ---------------------------------------------------------------- who is who

    final void become(Connection from, Handler to, ServerSite where) {
        connection = from;
        above = to;
        place = where;
        if (from.isOpen()) {
            options = from.options();
            from.configure(where.adapt(from.options()));
        }
    }

    final boolean hasBegun() {
        return connection != null;
    }

    /** The site of a connection that begins. */
    final ServerSite siteOn(EventManager manager) {
        return Objects.requireNonNull(place).site(manager);
    }

    final ServerSite site() {
        return (ServerSite) Objects.requireNonNull(place);
    }

    final Connection connection() {
        return Objects.requireNonNull(connection);
    }

    /** Who hears of requests. */
    final Handler above() {
        return Objects.requireNonNull(above);
    }

    final EventManager manager() {
        return connection().manager();
    }

    final Input input() {
        return input;
    }

    final void enter(Input next) {
        input = next;
    }

    final boolean isBetweenRequests() {
        return input == Input.IDLE || input == Input.HEAD;
    }

    /** Whether answers can still be sent. */
    final boolean isLiving() {
        return connection().isOpen() && input != Input.OVER;
    }

    final @Nullable ServerRequest exchange() {
        return exchange;
    }

    final void exchange(@Nullable ServerRequest begun) {
        exchange = begun;
    }

    final boolean isLastAnswer() {
        return lastAnswer;
    }

    /** The connection ends behind the next answer. */
    final void endAfterAnswer() {
        lastAnswer = true;
    }

    final boolean hasInputEnded() {
        return inputEnded;
    }

    final void inputHasEnded() {
        inputEnded = true;
    }

    final Deadlines deadlines() {
        Deadlines present = deadlines;
        if (present == null) {
            present = new Deadlines(this);
            deadlines = present;
        }
        return present;
    }

    final @Nullable Deadlines deadlinesIfAny() {
        return deadlines;
    }

    /** Nothing is waited for that takes a deadline of its own. */
    final void nothingIsDue(Deadlines which) {
        if (deadlines == which && input == Input.IDLE) {
            deadlines = null;
        }
    }

    final void clearDeadline(Deadlines.Kind kind) {
        Deadlines present = deadlines;
        if (present != null) {
            present.clear(kind);
        }
    }

    final void dropDeadlines() {
        Deadlines present = deadlines;
        deadlines = null;
        if (present != null) {
            present.end();
        }
    }

    final Departures departures() {
        Departures present = departures;
        if (present == null) {
            present = new Departures(this);
            departures = present;
        }
        return present;
    }

    final @Nullable Departures departuresIfAny() {
        return departures;
    }

    // ---------------------------------------------------------------- telling

    final void tell(Event event) throws Exception {
        above().onEvent(connection(), event);
    }

    final void report(Throwable failure) {
        manager().report(connection(), failure);
    }

    final void requireLoop(String method) {
        if (!manager().inLoop()) {
            throw new WrongThreadException(method + " was called on thread "
                    + Thread.currentThread().getName() + ", but it belongs to the loop thread of " + manager());
        }
    }

    /**
     * Any thread. Runs something on the loop when whatever is running there now has returned, and whatever waits in the
     * mailbox: there is one such thing at a time for each request, and who asks for it does not ask again. If the
     * manager is closed it is as lost as what had come just before the connection ended.
     */
    final void later(Runnable task) {
        boolean unused = Later.run(manager(), task);
    }

    // ---------------------------------------------------------------- sending

    /** Hands bytes to the connection, which copies them. */
    final void send(byte[] bytes) {
        send(ByteBuffer.wrap(bytes));
    }

    final void send(ByteBuffer bytes) {
        int count = bytes.remaining();
        try {
            connection().send(bytes);
            handed += count;
        } catch (ConnectionClosedException gone) {
            // Closed tells whoever has to know
        } catch (SendLimitException full) {
            report(full); // the program has set a limit that is too low for a head
            connection().abort();
        }
    }

    /** Somebody else has handed bytes to the connection. */
    final void handed(long count) {
        handed += count;
    }

    final long handed() {
        return handed;
    }

    /** How many bytes the operating system has taken, ever. */
    final long left() {
        int pending = connection().pendingBytes();
        return handed - (pending < Integer.MAX_VALUE ? pending : connection().pendingFileBytes());
    }

    /** Bytes have left, or nothing had to. */
    final void lookAtDepartures() {
        Departures waiting = departures;
        if (waiting != null) {
            waiting.look();
        }
    }

    // ---------------------------------------------------------------- the exchange

    /** All of the answer was handed to the connection. */
    final void answered(ServerRequest request) {
        if (request.answer() == Answer.DONE) {
            return;
        }
        request.done();
        clearDeadline(Deadlines.Kind.ANSWER);
        Departures waiting = departures;
        if (waiting != null) {
            waiting.handed(request);
            lookAtDepartures();
        }
        IncomingBody body = request.incoming();
        if (body != null) {
            body.discard();
        }
        exchangeMoves(request);
    }

    /** Something has ended: the answer, or the body. Perhaps that was all. */
    final void exchangeMoves(ServerRequest request) {
        if (exchange != request || request.answer() != Answer.DONE) {
            return;
        }
        IncomingBody body = request.incoming();
        if (input == Input.COMPLETE && (body == null || body.hasEnded())) {
            exchange = null;
            if (lastAnswer) {
                close();
            } else {
                input = Input.IDLE;
                nextRequest();
            }
        } else if (body != null && body.isDiscarded()) {
            if (lastAnswer) {
                close();
            } else {
                goOn();
            }
        } else if (input == Input.OVER) {
            close();
        } else if (input == Input.BODY || input == Input.COMPLETE) {
            site().patience.turn(this, body != null && body.isWanted());
        }
    }

    /** The decoder may go on. */
    abstract void nextRequest();

    /** Begins to read requests, unless that is being done already. */
    final boolean beginReading() {
        if (reading) {
            return false;
        }
        reading = true;
        site().answering.look(manager().nanoTime());
        return true;
    }

    final void endReading() {
        reading = false;
    }

    final boolean isReading() {
        return reading;
    }

    /** Reads what is here already, soon; reading that was paused goes on. */
    final void goOn() {
        if (readingPaused) {
            readingPaused = false;
            connection().resumeReading();
        }
        if (!goingOn) {
            goingOn = true;
            later(this);
        }
    }

    /** As a task: goes on. */
    @Override
    public final void run() {
        goingOn = false;
        if (connection().isOpen() && input != Input.OVER && input != Input.UPGRADE) {
            readWhatIsHere();
        }
    }

    abstract void readWhatIsHere();

    /** Lets TCP hold the peer back: it sends what nobody wants yet. */
    final void pauseReading() {
        if (!readingPaused) {
            readingPaused = true;
            connection().pauseReading();
        }
    }

    final boolean isReadingPaused() {
        return readingPaused;
    }

    /** {@link #left()} when the connection became quiet; for who had more than 2 GiB to take a number in his favour. */
    final long leftWhenQuiet() {
        return pendingWhenQuiet < Integer.MAX_VALUE ? handed - pendingWhenQuiet : 0;
    }

    /** There is nothing to do but to wait for the next request. */
    final void becomeQuiet() {
        quietSince = manager().nanoTime();
        pendingWhenQuiet = connection().pendingBytes();
        site().patience.quiet(this);
    }

    // ---------------------------------------------------------------- the end

    /** The peer has broken a rule. It is told so if that is possible, then the connection closes. */
    final void fail(HttpError error) {
        Failing.fail(this, error);
    }

    /**
     * Closes so that the peer can read what was said, even while it is still sending. If that is more than systems
     * usually buffer the peer may take as long as for any other answer: the time-out of closing looks at no rate.
     */
    final void close() {
        input = Input.OVER;
        if (!closing) {
            leaveAll();
        }
        boolean much = connection().pendingBytes() > connection().options().highWaterMark();
        if (connection().isOpen() && (closing || much)) {
            closing = true;
            departures(); // so that we are told what leaves
            site().patience.outputMoves(this);
        } else {
            connection().close();
        }
    }

    /** Bytes have left: if they were the last, that was all. */
    final void closeWhenAllHasLeft() {
        if (closing && connection().pendingBytes() == 0) {
            connection().close();
        }
    }

    /** Nothing is waited for any more. */
    final void leaveAll() {
        QuietList.leave(this);
        dropDeadlines();
    }

    /** The connection has ended, whoever wanted it. */
    final void ended() {
        ServerRequest request = exchange;
        exchange = null;
        input = Input.OVER;
        leaveAll();
        if (request != null) {
            Failing.cutOff(this, request);
        }
        Departures waiting = departures;
        if (waiting != null) {
            waiting.cut();
        }
        depart();
    }

    /** Another protocol takes over: what is due to whom is settled, and nothing of HTTP is left. */
    final void handOver() {
        exchange = null;
        input = Input.OVER;
        leaveAll();
        depart();
    }

    /** HTTP is over on this connection, which may live on. */
    final void depart() {
        ConnectionOptions before = options;
        if (place instanceof ServerSite from) {
            place = null;
            from.dismiss(connection());
            if (before != null && connection().isOpen()) {
                connection().configure(before);
            }
        }
    }
}
