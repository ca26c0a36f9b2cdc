package dev.meerkat.internal.blocking;

import dev.meerkat.Connection;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** What the peer sends, as a stream. */
final class ConnectionInput extends InputStream {
    private final Connection connection;
    private final Conversation conversation;

    ConnectionInput(Connection connection, Conversation conversation) {
        this.connection = connection;
        this.conversation = conversation;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        conversation.requireOwnThread("BlockingConnection.in().read");
        Objects.checkFromIndexSize(offset, length, target.length);
        return length == 0 ? 0 : conversation.inbox().read(target, offset, length);
    }

    @Override
    public int available() {
        conversation.requireOwnThread("BlockingConnection.in().available");
        return conversation.inbox().available();
    }

    @Override
    public void close() {
        connection.close();
    }
}
