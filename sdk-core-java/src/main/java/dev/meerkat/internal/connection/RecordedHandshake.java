package dev.meerkat.internal.connection;

import dev.meerkat.internal.secure.Outcome;
import dev.meerkat.internal.secure.SecureStream;
import java.io.IOException;

/** Tells the flight recorder how a handshake ended, before anybody else hears of it. Only there while recorded. */
final class RecordedHandshake implements Outcome {
    private final RealConnection connection;
    private final Observation observation;
    private final Object begun;
    private final SecureStream stream;
    private final Outcome next;

    private RecordedHandshake(
            RealConnection connection, Observation observation, Object begun, SecureStream stream, Outcome next) {
        this.connection = connection;
        this.observation = observation;
        this.begun = begun;
        this.stream = stream;
        this.next = next;
    }

    /** Answers who is to be told the outcome. */
    static Outcome of(RealConnection connection, SecureStream stream, Outcome next) {
        Observation observation = connection.owner().observation();
        Object begun = observation == null ? null : observation.handshakeBegins();
        return observation == null || begun == null
                ? next
                : new RecordedHandshake(connection, observation, begun, stream, next);
    }

    @Override
    public void secured() {
        observation.handshakeDone(connection, begun, stream.engine().describe());
        next.secured();
    }

    @Override
    public void handshakeFailed(IOException failure) {
        observation.handshakeFailed(connection, begun, IoErrors.ofTransfer("TLS handshake", failure));
        next.handshakeFailed(failure);
    }
}
