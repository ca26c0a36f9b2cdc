package dev.meerkat;

import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.protocol.OwnStage;
import java.util.function.Supplier;

/** A protocol at work on one connection, between the layer below and the handler above. */
final class ProtocolStage implements Handler {
    /** What connections share: gives each a stage of its own, through all protocols above, at its first event. */
    record Shared(Supplier<? extends Protocol> perConnection, Handler above) implements Handler {
        @Override
        public void onEvent(Connection connection, Event event) throws Exception {
            Protocol protocol = perConnection.get();
            if (protocol instanceof OwnStage && protocol instanceof Handler own && !(above instanceof Shared)) {
                connection.replaceHandler(own);
                protocol.onEvent(connection, event, above);
            } else {
                ProtocolStage stage = newStage(protocol);
                connection.replaceHandler(stage);
                stage.onEvent(connection, event);
            }
        }

        private ProtocolStage newStage(Protocol protocol) {
            return new ProtocolStage(
                    protocol, above instanceof Shared next ? next.newStage(next.perConnection.get()) : above);
        }
    }

    private final Protocol protocol;
    private final Handler above;
    private boolean released;

    ProtocolStage(Protocol protocol, Handler above) {
        this.protocol = protocol;
        this.above = above;
    }

    @Override
    public void onEvent(Connection connection, Event event) throws Exception {
        try {
            protocol.onEvent(connection, event, above);
        } finally {
            if (event instanceof TcpEvent.Closed) {
                release();
            }
        }
    }

    @Override
    public void onReplaced(Connection connection) {
        release();
        above.onReplaced(connection);
    }

    private void release() {
        if (!released) {
            released = true;
            try {
                protocol.release();
            } finally {
                if (above instanceof ProtocolStage stage) {
                    stage.release();
                }
            }
        }
    }
}
