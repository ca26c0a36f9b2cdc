package dev.meerkat.internal.ws;

import dev.meerkat.internal.http.QuietList;
import org.jspecify.annotations.Nullable;

/**
 * The time of a message, or of a control frame, whose first byte has come and whose last has not. It begins anew when
 * enough has come within it. A WebSocket has one only then, and gives it back.
 */
final class Unfinished extends QuietList.Member {
    private @Nullable Incoming incoming;
    /** How much of the message had come when the time began. */
    private long before;

    void begin(Incoming whose, long had, long now) {
        incoming = whose;
        before = had;
        quietSince = now;
    }

    void end() {
        incoming = null;
        QuietList.leave(this);
    }

    @Override
    protected void quietFor(QuietList left) {
        Incoming whose = incoming;
        if (whose == null) {
            return;
        }
        long came = whose.came();
        if (whose.isEnough(came - before)) {
            before = came;
            quietSince = whose.now();
            left.add(this);
        } else {
            whose.tooSlow();
        }
    }
}
