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
 * @param request what was asked, with the attributes that handlers and filters have left on it; empty if it was not
 *     understood; for looking at, it cannot be answered any more
 * @param status the status of the answer; 0 if none was sent
 * @param bytes how many bytes of the body were handed to the connection
 * @param started when the head had arrived
 * @param duration from there until the last byte was taken by the operating system, or the connection ended
 * @param complete whether the whole answer was sent
 */
public record AccessRecord(
        SocketAddress peer,
        Optional<Request> request,
        int status,
        long bytes,
        Instant started,
        Duration duration,
        boolean complete) {
    // Rejects missing parts.
    public AccessRecord {
        Objects.requireNonNull(peer, "peer");
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(started, "started");
        Objects.requireNonNull(duration, "duration");
    }

    /**
     * What was asked.
     *
     * @return the head of the request; empty if it was not understood
     */
    public Optional<RequestHead> head() {
        return request.map(Request::head);
    }
}
