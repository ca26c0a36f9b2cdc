package dev.meerkat.internal.ws;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.http.QuietList;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether the peer is still there: after a silence it is asked by a ping, and whatever comes then is a sign of life.
 * All WebSockets of a site that wait for the same thing stand in one list with one timer.
 */
abstract class Liveness extends QuietList.Member {
    /** Unanswered pings that are remembered for their round trip; older ones are forgotten. */
    static final int MOST_PINGS = 16;

    /** A ping on its way. */
    private record Sent(Bytes payload, long at) {}

    private @Nullable ArrayDeque<Sent> pings;
    private int number;

    abstract Site site();

    abstract void sendPing(Bytes payload);

    /** No sign of life has come in time. */
    abstract void silent();

    /** Something has come from the peer. */
    final void heard() {
        QuietList heard = site().heard;
        if (heard != null) {
            quietSince = site().manager.nanoTime();
            heard.add(this);
        }
    }

    /** It waits for nothing any more. */
    final void leave() {
        QuietList.leave(this);
    }

    @Override
    protected final void quietFor(QuietList left) {
        if (left == site().asked) {
            silent();
            return;
        }
        askForSign();
        QuietList asked = site().asked;
        if (asked != null) {
            quietSince = site().manager.nanoTime();
            asked.add(this);
        }
    }

    /** A ping with a payload that no other one has had for long. */
    final void askForSign() {
        number++;
        ask(Bytes.copyOf(ByteBuffer.allocate(Integer.BYTES).putInt(0, number)));
    }

    final void ask(Bytes payload) {
        sendPing(payload);
        ArrayDeque<Sent> known = pings;
        if (known == null) {
            known = new ArrayDeque<>(2);
            pings = known;
        }
        if (known.size() == MOST_PINGS) {
            known.removeFirst();
        }
        known.addLast(new Sent(payload, site().manager.nanoTime()));
    }

    /** How long ago the ping was sent that a pong answers; earlier ones are answered by it, too (RFC 6455 §5.5.3). */
    final Optional<Duration> roundTrip(Bytes payload) {
        ArrayDeque<Sent> known = pings;
        if (known == null || known.stream().noneMatch(sent -> sent.payload().equals(payload))) {
            return Optional.empty();
        }
        Sent sent = known.removeFirst();
        while (!sent.payload().equals(payload)) {
            sent = known.removeFirst();
        }
        if (known.isEmpty()) {
            pings = null;
        }
        return Optional.of(Duration.ofNanos(site().manager.nanoTime() - sent.at()));
    }
}
