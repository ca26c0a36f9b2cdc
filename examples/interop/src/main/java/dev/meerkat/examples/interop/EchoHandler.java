package dev.meerkat.examples.interop;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;

/**
 * Sends every byte back to where it came from. One instance serves all connections, because a connection keeps the only
 * state there is: whether it is read.
 *
 * <p>A peer that sends and does not read is not read either: TCP then holds it back, and this end never keeps more than
 * the high-water mark and one read. A peer that ends its direction still gets all it sent, because a connection without
 * half-close closes by itself, and a polite close flushes first.
 */
final class EchoHandler implements Handler {
    @Override
    public void onEvent(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
            if (!connection.isWritable()) {
                connection.pauseReading();
            }
        } else if (event instanceof TcpEvent.Drained) {
            connection.resumeReading();
        }
    }
}
