package dev.meerkat.http;

import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One line of an access log: a request and what became of it.
 *
 * @param peer who asked
 * @param head what was asked; empty if it was not understood
 * @param status the status of the answer; 0 if none was sent
 * @param bytes how many bytes of the body were handed to the connection
 * @param started when the head had arrived
 * @param duration from there until the last byte was taken by the operating system, or the connection ended
 * @param complete whether the whole answer was sent
 */
public record AccessRecord(
        SocketAddress peer,
        Optional<RequestHead> head,
        int status,
        long bytes,
        Instant started,
        Duration duration,
        boolean complete) {
    // Rejects missing parts.
    public AccessRecord {
        Objects.requireNonNull(peer, "peer");
        Objects.requireNonNull(head, "head");
        Objects.requireNonNull(started, "started");
        Objects.requireNonNull(duration, "duration");
    }
}
