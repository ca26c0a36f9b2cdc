package dev.meerkat.internal.connection;

import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.InetSocketAddress;

/** One attempt of a {@link Connector} to reach one address. Ends once: connected, failed or dropped. */
final class ConnectAttempt implements ReadyListener {
    private final Connector connector;
    private final int number;
    private final InetSocketAddress remote;
    private final StreamHandle handle;

    ConnectAttempt(Connector connector, int number, InetSocketAddress remote, StreamHandle handle) {
        this.connector = connector;
        this.number = number;
        this.remote = remote;
        this.handle = handle;
        handle.attach(this);
        handle.interest(Handle.CONNECT);
    }

    InetSocketAddress remote() {
        return remote;
    }

    @Override
    public void onReady(int ops) {
        try {
            if (!handle.finishConnect()) {
                return;
            }
        } catch (IOException e) {
            connector.attemptFailed(number, this, e);
            return;
        }
        connector.attemptSucceeded(number, handle);
    }

    @Override
    public void onFailure(Throwable failure) {
        connector.attemptFailed(number, this, new IOException(failure.toString(), failure));
    }

    void drop() {
        Sockets.closeQuietly(handle);
    }
}
