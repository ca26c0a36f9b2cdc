package dev.meerkat.internal.connection;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.Tap;
import dev.meerkat.runtime.Handle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.NetworkChannel;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A socket with a tap on it. There is one for each tap, each around the next, and none where nobody looks: that is why
 * looking costs nothing to those who do not.
 *
 * @param <H> what is below: a socket of the same kind, tapped or not
 */
abstract class Tapped<H extends Handle> implements Handle, Tap.Wire {
    /** Each tap is one more call for every read and write. */
    private static final int MOST_TAPS = 16;

    private final Watched socket;
    final Tap tap;
    private final SocketAddress local;
    H under;
    /** It has failed, or was taken off. */
    private boolean off;

    Tapped(Watched socket, Tap tap, H under) throws IOException {
        this.socket = socket;
        this.tap = tap;
        this.under = under;
        this.local = under.localAddress();
    }

    // ---------------------------------------------------------------- the chain

    private static <H extends Handle> @Nullable Tapped<H> tapped(H handle) {
        @SuppressWarnings("unchecked") // what has a tap on it is of the kind of what is below
        Tapped<H> found = handle instanceof Tapped<?> ? (Tapped<H>) handle : null;
        return found;
    }

    /** What another tap may be put on; throws where none may be. */
    static <H extends Handle> H tappable(@Nullable H head, Watched socket, ConnectionState state) {
        if (head == null) {
            if (state == ConnectionState.CLOSED) {
                throw new ConnectionClosedException(socket + ": cannot be tapped, it is closed");
            }
            throw new IllegalStateException(socket + ": cannot be tapped in state " + state
                    + "; the handler may do so when it is told of Opened");
        }
        int count = 0;
        for (Tapped<H> each = tapped(head); each != null; each = tapped(each.under)) {
            count++;
        }
        if (count >= MOST_TAPS) {
            throw new IllegalStateException(socket + " has " + MOST_TAPS + " taps, the most that are possible");
        }
        return head;
    }

    /** Takes a tap off, wherever it is in the chain; answers the new head. */
    static <H extends Handle> H without(H head, Tap tap) {
        Tapped<H> first = tapped(head);
        if (first == null) {
            return head;
        }
        if (first.tap == tap) {
            first.mark(Tap.Mark.LEFT);
            first.off = true;
            return first.under;
        }
        first.under = without(first.under, tap);
        return head;
    }

    // ---------------------------------------------------------------- telling the tap

    /** Whether there is still somebody to tell. */
    final boolean isOn() {
        return !off;
    }

    final void mark(Tap.Mark mark) {
        if (!off) {
            try {
                tap.marked(this, mark);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    /** A tap that fails harms nobody, and is heard of once. */
    final void failed(Throwable failure) {
        off = true;
        socket.owner().report(ErrorHook.Source.TAP, socket.connection(), failure);
    }

    // ---------------------------------------------------------------- passing on

    @Override
    public void close() throws IOException {
        mark(Tap.Mark.CLOSED);
        under.close();
    }

    @Override
    public void attach(@Nullable Object attachment) {
        under.attach(attachment);
    }

    @Override
    public @Nullable Object attachment() {
        return under.attachment();
    }

    @Override
    public void interest(int ops) {
        under.interest(ops);
    }

    @Override
    public boolean isOpen() {
        return under.isOpen();
    }

    @Override
    public Optional<NetworkChannel> networkChannel() {
        return under.networkChannel();
    }

    // ---------------------------------------------------------------- the wire

    @Override
    public long id() {
        return socket.id();
    }

    @Override
    public EventManager manager() {
        return socket.owner();
    }

    @Override
    public boolean isInbound() {
        return socket.isInbound();
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public Instant time() {
        return socket.owner().wallTime();
    }

    /** Stable text without addresses, as the socket's own. */
    @Override
    public String toString() {
        return socket.toString();
    }
}
