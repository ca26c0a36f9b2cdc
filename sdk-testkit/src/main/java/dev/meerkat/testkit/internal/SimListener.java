package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.Arrival;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** A listening virtual socket: connections whose handshake is under way, and those that wait to be accepted. */
public final class SimListener extends SimHandle implements ListenerHandle {
    private final SocketOptions options;
    private final ArrayList<SimStream> expected = new ArrayList<>(2);
    private final ArrayDeque<SimStream> backlog = new ArrayDeque<>(2);

    SimListener(Host host, SocketAddress local, SocketOptions options) {
        super(host, local, "listener", host.nextListener());
        this.options = options;
    }

    SocketOptions options() {
        return options;
    }

    /** One more than was asked for, as Linux has it. */
    boolean hasRoom() {
        return backlog.size() + expected.size() <= options.backlog();
    }

    void expect(SimStream stream) {
        expected.add(stream);
    }

    /** A handshake is done. */
    void established(SimStream stream) {
        if (expected.remove(stream)) {
            backlog.add(stream);
            changed();
        }
    }

    @Override
    public @Nullable SimStream accept() throws IOException {
        checkOpen();
        if (backlog.isEmpty()) {
            return null;
        }
        host.checkDescriptors(unaccepted());
        SimStream stream = backlog.remove();
        network.record(stream, "accept", 0, 0);
        return stream;
    }

    @Override
    public @Nullable Arrival acceptForOther() throws IOException {
        SimStream stream = accept();
        return stream == null ? null : new SimArrival(stream);
    }

    /** An accepted end on its way to another manager of the host. */
    private record SimArrival(SimStream stream) implements Arrival {
        @Override
        public StreamHandle join(Transport transport) {
            stream.watchedBy((SimTransport) transport);
            return stream;
        }

        @Override
        public void refuse() {
            stream.abort();
        }
    }

    /**
     * Tells whether a connection waits to be accepted.
     *
     * @return whether {@link #accept} would return one
     */
    public boolean hasWaiting() {
        return !backlog.isEmpty();
    }

    private int unaccepted() {
        return backlog.size() + expected.size();
    }

    @Override
    public void close() {
        if (markClosed()) {
            if (address() instanceof UnixDomainSocketAddress path) {
                host.files().unbind(path, this);
            }
            expected.forEach(SimStream::reset);
            backlog.forEach(SimStream::reset);
            expected.clear();
            backlog.clear();
        }
    }

    @Override
    int readiness() {
        return backlog.isEmpty() ? 0 : ACCEPT;
    }

    @Override
    String describe() {
        return name() + "  " + host.text(address()) + (backlog.isEmpty() ? "" : "  to accept " + backlog.size())
                + (isHeldByTest() ? "  (the test's)" : "");
    }
}
