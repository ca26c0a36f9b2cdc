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

    /** Stands in the list of those that may be without messages: a member stands in one list only. */
    private static final class Idleness extends QuietList.Member {
        private final Liveness whose;

        Idleness(Liveness whose) {
            this.whose = whose;
        }

        void since(long now) {
            quietSince = now;
        }

        @Override
        protected void quietFor(QuietList left) {
            whose.idle();
        }
    }

    final Site site;
    /** While it is open, if there is a time-out for it. */
    private @Nullable Idleness idleness;

    private @Nullable ArrayDeque<Sent> pings;
    private int number;
    /** When it was asked something else was still on its way to the peer. */
    private boolean askedBehind;

    Liveness(Site site) {
        this.site = site;
    }

    /** Sends a ping, unless there is no room for it, or nobody to send it to. */
    abstract void tryPing(Bytes payload);

    /** Whether something waits that the operating system has not taken. */
    abstract boolean isSending();

    /** How long ago the operating system took or gave something. */
    abstract Duration sinceMoved();

    /** No sign of life has come in time. */
    abstract void silent();

    /** No message has come or gone in time. */
    abstract void idle();

    /** It is open from now on. */
    final void becomeLively() {
        if (site.idle != null) {
            idleness = new Idleness(this);
            messageMoved();
        }
        heard();
    }

    /** Something has come from the peer. */
    final void heard() {
        QuietList heard = site.heard;
        if (heard != null) {
            quietSince = site.manager.nanoTime();
            heard.add(this);
        }
    }

    /** A message, or a part of one, has come or was sent. */
    final void messageMoved() {
        Idleness present = idleness;
        QuietList idle = site.idle;
        if (present != null && idle != null) {
            present.since(site.manager.nanoTime());
            idle.add(present);
        }
    }

    /** Nobody listens to the peer for a while, so that it cannot be judged by its silence. */
    final void leaveUnheard() {
        QuietList.leave(this);
    }

    /** It waits for nothing any more. */
    final void leave() {
        QuietList.leave(this);
        Idleness present = idleness;
        if (present != null) {
            idleness = null;
            QuietList.leave(present);
        }
    }

    @Override
    protected final void quietFor(QuietList left) {
        if (left != site.asked) {
            askedBehind = isSending();
            tryPing(nextPing());
        } else if (askedBehind && sinceMoved().compareTo(site.options.pongTimeout()) < 0) {
            askedBehind = isSending(); // it takes what stands in front of the ping, and cannot have answered that
        } else {
            silent();
            return;
        }
        QuietList asked = site.asked;
        if (asked != null) {
            quietSince = site.manager.nanoTime();
            asked.add(this);
        }
    }

    /** The payload of a ping that no other one has had for long. */
    final Bytes nextPing() {
        number++;
        return Bytes.copyOf(ByteBuffer.allocate(Integer.BYTES).putInt(0, number));
    }

    /** A ping has been sent. */
    final void asked(Bytes payload) {
        ArrayDeque<Sent> known = pings;
        if (known == null) {
            known = new ArrayDeque<>(2);
            pings = known;
        }
        if (known.size() == MOST_PINGS) {
            known.removeFirst();
        }
        known.addLast(new Sent(payload, site.manager.nanoTime()));
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
        return Optional.of(Duration.ofNanos(site.manager.nanoTime() - sent.at()));
    }
}
