package dev.meerkat.internal.blocking;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionState;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** What is sent to the peer, as a stream. */
final class ConnectionOutput extends OutputStream {
    private final Connection connection;
    private final Conversation conversation;

    ConnectionOutput(Connection connection, Conversation conversation) {
        this.connection = connection;
        this.conversation = conversation;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        conversation.requireOwnThread("BlockingConnection.out().write");
        Objects.checkFromIndexSize(offset, length, source.length);
        conversation.out().write(source, offset, length);
    }

    /** A stream is closed twice by many a program, and once more when the connection has long ended. */
    @Override
    public void close() {
        if (!conversation.out().isShut() && connection.state().compareTo(ConnectionState.OPEN) <= 0) {
            connection.shutdownOutput();
        }
    }
}
