package dev.meerkat.internal.ws;

import dev.meerkat.event.Bytes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;

/** The pings of a WebSocket that are on their way. */
final class Pings {
    /** Unanswered pings that are remembered for their round trip; older ones are forgotten. */
    static final int MOST = 16;

    private record Sent(Bytes payload, long at) {}

    private final ArrayDeque<Sent> sent = new ArrayDeque<>(2);

    void sent(Bytes payload, long now) {
        if (sent.size() == MOST) {
            sent.removeFirst();
        }
        sent.addLast(new Sent(payload, now));
    }

    /** How long ago that ping was sent; earlier ones are answered by it, too (RFC 6455 §5.5.3). */
    Optional<Duration> answered(Bytes payload, long now) {
        if (sent.stream().noneMatch(each -> each.payload().equals(payload))) {
            return Optional.empty();
        }
        Sent first = sent.removeFirst();
        while (!first.payload().equals(payload)) {
            first = sent.removeFirst();
        }
        return Optional.of(Duration.ofNanos(now - first.at()));
    }

    boolean isEmpty() {
        return sent.isEmpty();
    }
}
