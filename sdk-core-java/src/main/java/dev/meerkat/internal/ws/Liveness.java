package dev.meerkat.internal.ws;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.http.QuietList;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether peers are still there: after a silence each is asked by a ping, and whatever comes then is a sign of life.
 * One for all WebSockets of a site: those that wait for the same thing stand in one list with one timer. Loop thread.
 */
final class Liveness {
    /** Stands in the list of those that may be without messages: a member stands in one list only. */
    static final class Idleness extends QuietList.Member {
        private final RealWebSocket whose;

        Idleness(RealWebSocket whose) {
            this.whose = whose;
        }

        void since(long now) {
            quietSince = now;
        }

        @Override
        protected void quietFor(QuietList left) {
            Closer.idle(whose);
        }
    }

    private final Site site;
    private int number;

    Liveness(Site site) {
        this.site = site;
    }

    // ---------------------------------------------------------------- who stands where

    /** It is open from now on. */
    void opened(RealWebSocket webSocket) {
        if (site.idle != null) {
            webSocket.idleness = new Idleness(webSocket);
            messageMoved(webSocket);
        }
        heard(webSocket);
    }

    /** Something has come from the peer. */
    void heard(RealWebSocket webSocket) {
        stand(webSocket, site.heard);
    }

    private void stand(RealWebSocket webSocket, @Nullable QuietList list) {
        if (list != null) {
            webSocket.quietSince(site.manager.nanoTime());
            list.add(webSocket);
        }
    }

    /** A message, or a part of one, has come or was sent. */
    void messageMoved(RealWebSocket webSocket) {
        Idleness present = webSocket.idleness;
        QuietList idle = site.idle;
        if (present != null && idle != null) {
            present.since(site.manager.nanoTime());
            idle.add(present);
        }
    }

    /**
     * Nobody listens to the peer for a while, so that it cannot be judged by its silence. It is sent pings all the
     * same: one that finds a connection reset is how its end is noticed while nothing is read.
     */
    void unheard(RealWebSocket webSocket) {
        stand(webSocket, site.heard);
    }

    /** It waits for nothing any more. */
    void leave(RealWebSocket webSocket) {
        QuietList.leave(webSocket);
        Idleness present = webSocket.idleness;
        if (present != null) {
            webSocket.idleness = null;
            QuietList.leave(present);
        }
    }

    /** Nothing has come for as long as the list says that it has left. */
    void quietFor(RealWebSocket webSocket, QuietList left) {
        if (webSocket.incoming.isPaused()) {
            if (!webSocket.isSending()) { // else what waits finds out, and pings would pile up behind it
                ControlFrames.tryPing(webSocket, nextPing());
            }
            unheard(webSocket);
            return;
        }
        if (left != site.asked) {
            webSocket.askedBehind = webSocket.isSending();
            ControlFrames.tryPing(webSocket, nextPing());
        } else if (webSocket.askedBehind && sinceMoved(webSocket).compareTo(site.options.pongTimeout()) < 0) {
            // it takes what stands in front of the ping, and cannot have answered that
            webSocket.askedBehind = webSocket.isSending();
        } else {
            Closer.silent(webSocket);
            return;
        }
        stand(webSocket, site.asked);
    }

    /** How long ago the operating system took or gave something. */
    private Duration sinceMoved(RealWebSocket webSocket) {
        return Duration.between(webSocket.connection().lastIo(), site.manager.wallTime());
    }

    // ---------------------------------------------------------------- pings

    /** The payload of a ping that no other one has had for long. */
    Bytes nextPing() {
        number++;
        return Bytes.copyOf(ByteBuffer.allocate(Integer.BYTES).putInt(0, number));
    }

    /** A ping has been sent. */
    void asked(RealWebSocket webSocket, Bytes payload) {
        Pings known = webSocket.pings;
        if (known == null) {
            known = new Pings();
            webSocket.pings = known;
        }
        known.sent(payload, site.manager.nanoTime());
    }

    /** How long ago the ping was sent that a pong answers. */
    Optional<Duration> roundTrip(RealWebSocket webSocket, Bytes payload) {
        Pings known = webSocket.pings;
        Optional<Duration> time = known == null ? Optional.empty() : known.answered(payload, site.manager.nanoTime());
        if (known != null && known.isEmpty()) {
            webSocket.pings = null;
        }
        return time;
    }
}
