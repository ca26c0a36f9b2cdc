package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.Handle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** A socket of a virtual host: watched by the transport of a manager, or by an end in the hands of a test. */
public abstract class SimHandle extends Entity implements Handle {
    final Network network;
    final Host host;
    private final SocketAddress local;
    private @Nullable SimTransport transport;
    private @Nullable Runnable observer;
    private @Nullable Object attachment;
    private int interest;
    private boolean closed;
    /** Whether the transport looks at this handle at its next poll. */
    boolean noted;

    SimHandle(Host host, SocketAddress local, String label, long number) {
        super(host.network().nextEntity(), host.name(), label, number);
        this.network = host.network();
        this.host = host;
        this.local = local;
        host.opened(this);
    }

    /** What a poll would report now, whatever the interest. */
    abstract int readiness();

    /** Says in one line what state the socket is in. */
    abstract String describe();

    /**
     * Has a test's end told of every change.
     *
     * @param value called when something may have changed
     */
    public final void observe(Runnable value) {
        observer = value;
        value.run();
    }

    final void watchedBy(@Nullable SimTransport value) {
        transport = value;
    }

    final @Nullable SimTransport transport() {
        return transport;
    }

    /** Whether a test holds this socket, and not a manager. */
    final boolean isHeldByTest() {
        return transport == null;
    }

    /** Something may have become ready. */
    final void changed() {
        if (closed) {
            return;
        }
        SimTransport watching = transport;
        if (watching != null) {
            if (!noted && (interest & readiness()) != 0) {
                watching.note(this);
            }
        } else if (observer != null) {
            observer.run();
        }
    }

    /** Marks the handle closed and frees what it holds of the host. Answers false if that was done before. */
    final boolean markClosed() {
        if (closed) {
            return false;
        }
        closed = true;
        host.closed(this);
        return true;
    }

    final int interest() {
        return interest;
    }

    @Override
    public final void attach(@Nullable Object value) {
        attachment = value;
    }

    @Override
    public final @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public final void interest(int ops) {
        if (interest != ops) {
            interest = ops;
            changed();
        }
    }

    @Override
    public final boolean isOpen() {
        return !closed;
    }

    final void checkOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    /**
     * The address of this end, also when it is closed.
     *
     * @return the bound address
     */
    public final SocketAddress address() {
        return local;
    }

    /**
     * The IP address and port of this end, also when it is closed. Not for a Unix domain socket.
     *
     * @return the bound address
     */
    public final InetSocketAddress boundAddress() {
        return (InetSocketAddress) local;
    }

    /** Whether this is a Unix domain socket. */
    final boolean isUnix() {
        return local instanceof UnixDomainSocketAddress;
    }

    @Override
    public final SocketAddress localAddress() throws ClosedChannelException {
        checkOpen();
        return local;
    }
}
