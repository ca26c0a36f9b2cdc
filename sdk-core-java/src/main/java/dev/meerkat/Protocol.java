package dev.meerkat;

import dev.meerkat.event.Event;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * What a protocol makes of the events of one connection: it takes those of the layer below and gives its own to the
 * handler above. Each connection has an object of its own, which holds the state of the conversation, so that the
 * connection's attachment stays the user's.
 *
 * <pre>{@code
 * sealed interface LineEvent extends ProtocolEvent {
 *     record Line(String text) implements LineEvent {}
 * }
 *
 * final class Lines implements Protocol {
 *     public void onEvent(Connection connection, Event event, Handler above) throws Exception {
 *         if (event instanceof TcpEvent.Received received) {
 *             ReceiveBuffer buffer = received.buffer();
 *             for (int end; (end = buffer.indexOf((byte) '\n')) >= 0; ) {
 *                 String line = buffer.take(end).utf8();
 *                 buffer.discard(1);
 *                 above.onEvent(connection, new LineEvent.Line(line));
 *             }
 *         } else {
 *             above.onEvent(connection, event); // the handler hears of the layer below, too
 *         }
 *     }
 * }
 *
 * manager.listen("tcp://127.0.0.1:7000", Protocol.handler(Lines::new, (connection, event) -> { … }));
 * }</pre>
 *
 * <p>Protocols stack: the handler above may be that of another protocol. To switch protocols on a living connection,
 * call {@link Connection#replaceHandler}; bytes that nobody has taken are announced to the new handler.
 *
 * <p>Loop thread, or the connection's own with {@link ListenOptions#blocking()}.
 */
@FunctionalInterface
public interface Protocol {
    /**
     * Takes an event of the layer below. What is not the protocol's business it should hand on unchanged, and always
     * {@code Opened}, {@code ConnectFailed} and {@code Closed}.
     *
     * @param connection whom it happened to
     * @param event what happened
     * @param above who is to hear of it, in whatever form
     * @throws Exception what the handler above throws, or if the protocol fails; the connection is then aborted
     */
    void onEvent(Connection connection, Event event, Handler above) throws Exception;

    /**
     * Releases what the protocol holds. Called exactly once for each object: after {@code Closed} was handled, even if
     * that failed, or when another handler takes its place.
     */
    default void release() {}

    /**
     * Makes a handler that any number of connections may share.
     *
     * @param perConnection makes the protocol's object of a connection, at its first event
     * @param above receives the protocol's events
     * @return the handler, for {@code listen}, {@code connect} or {@link Connection#replaceHandler}
     */
    static Handler handler(Supplier<? extends Protocol> perConnection, Handler above) {
        Objects.requireNonNull(perConnection, "perConnection");
        Objects.requireNonNull(above, "above");
        return new ProtocolStage.Shared(perConnection, above);
    }

    /**
     * Tells whether a handler was made by {@link #handler}, so that nobody puts the same protocol around it twice.
     *
     * @param handler any handler
     * @param supplier the class of what makes the protocol's objects
     * @return whether the lowest protocol of the handler is made by such a supplier
     */
    static boolean isMadeBy(Handler handler, Class<? extends Supplier<? extends Protocol>> supplier) {
        return handler instanceof ProtocolStage.Shared shared && supplier.isInstance(shared.perConnection());
    }
}
