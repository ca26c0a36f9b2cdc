package dev.meerkat.internal.connection;

import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.Tap;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stream with a tap on it. There is one for each tap, each around the next, and none where nobody looks: that is why
 * looking costs nothing to those who do not.
 */
final class TappedStream implements StreamHandle, Tap.Wire {
    private final RealConnection connection;
    private final Tap tap;
    private final SocketAddress local;
    private final SocketAddress remote;
    private StreamHandle under;
    /** It has failed, or was taken off. */
    private boolean off;

    private TappedStream(RealConnection connection, Tap tap, StreamHandle under) throws IOException {
        this.connection = connection;
        this.tap = tap;
        this.under = under;
        this.local = under.localAddress();
        this.remote = under.remoteAddress();
    }

    /** Puts a tap on; it hears first what brings it here. */
    static StreamHandle around(RealConnection connection, Tap tap, StreamHandle under, Tap.Mark first) {
        try {
            TappedStream made = new TappedStream(connection, tap, under);
            made.mark(first);
            return made;
        } catch (IOException gone) {
            return under; // reading will tell; there is nothing to see any more
        }
    }

    /** Takes a tap off, wherever it is in the chain; answers the new head. */
    static StreamHandle without(StreamHandle head, Tap tap) {
        if (!(head instanceof TappedStream first)) {
            return head;
        }
        if (first.tap == tap) {
            first.mark(Tap.Mark.LEFT);
            first.off = true;
            return first.under;
        }
        first.under = without(first.under, tap);
        return first;
    }

    /** What is below all taps. */
    static StreamHandle bare(StreamHandle head) {
        StreamHandle found = head;
        while (found instanceof TappedStream tapped) {
            found = tapped.under;
        }
        return found;
    }

    /** Exchanges what is below all taps, for a stream that becomes a secure one. */
    static StreamHandle rebase(StreamHandle head, StreamHandle bare) {
        if (!(head instanceof TappedStream tapped)) {
            return bare;
        }
        tapped.under = rebase(tapped.under, bare);
        return tapped;
    }

    /**
     * Shows all taps what will leave without passing them any more: what waits when its stream becomes a secure one.
     */
    static void leaving(StreamHandle head, SendQueue clear) {
        StreamHandle found = head;
        while (found instanceof TappedStream tapped) {
            clear.forEach(view -> tapped.sent(view, view.remaining()));
            found = tapped.under;
        }
    }

    static int count(@Nullable StreamHandle head) {
        int count = 0;
        StreamHandle found = head;
        while (found instanceof TappedStream tapped) {
            count++;
            found = tapped.under;
        }
        return count;
    }

    // ---------------------------------------------------------------- telling the tap

    private void mark(Tap.Mark mark) {
        if (!off) {
            try {
                tap.marked(this, mark);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    private void sent(ByteBuffer view, long count) {
        if (!off && count > 0) {
            try {
                tap.sent(this, view.limit(view.position() + (int) count));
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    /** A tap that fails harms nobody, and is heard of once. */
    private void failed(Throwable failure) {
        off = true;
        connection.owner().report(ErrorHook.Source.TAP, Optional.of(connection), failure);
    }

    // ---------------------------------------------------------------- passing on

    @Override
    public int read(ByteBuffer target) throws IOException {
        int start = target.position();
        int count;
        try {
            count = under.read(target);
        } catch (IOException e) {
            mark(Tap.Mark.FAILED);
            throw e;
        }
        if (count > 0 && !off) {
            try {
                tap.received(this, target.asReadOnlyBuffer().position(start).limit(start + count));
            } catch (Throwable e) {
                failed(e);
            }
        } else if (count < 0) {
            mark(Tap.Mark.INPUT_ENDED);
        }
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer view = source.asReadOnlyBuffer();
        try {
            int count = under.write(source);
            sent(view, count);
            return count;
        } catch (IOException e) {
            mark(Tap.Mark.FAILED);
            throw e;
        }
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        ByteBuffer[] views = new ByteBuffer[length];
        for (int i = 0; i < length; i++) {
            views[i] = sources[offset + i].asReadOnlyBuffer();
        }
        long total;
        try {
            total = under.write(sources, offset, length);
        } catch (IOException e) {
            mark(Tap.Mark.FAILED);
            throw e;
        }
        long left = total;
        for (int i = 0; i < length && left > 0; i++) {
            long count = Math.min(left, views[i].remaining());
            sent(views[i], count);
            left -= count;
        }
        return total;
    }

    @Override
    public boolean flush() throws IOException {
        return under.flush();
    }

    @Override
    public void shutdownOutput() throws IOException {
        under.shutdownOutput();
        mark(Tap.Mark.OUTPUT_ENDED);
    }

    @Override
    public void close() throws IOException {
        mark(Tap.Mark.CLOSED);
        under.close();
    }

    @Override
    public void abort() throws IOException {
        mark(Tap.Mark.ABORTED);
        under.abort();
    }

    @Override
    public void becomesTls() {
        under.becomesTls();
    }

    @Override
    public boolean finishConnect() throws IOException {
        return under.finishConnect();
    }

    @Override
    public void shutdownInput() throws IOException {
        under.shutdownInput();
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

    // ---------------------------------------------------------------- the wire

    @Override
    public long id() {
        return connection.id();
    }

    @Override
    public EventManager manager() {
        return connection.owner();
    }

    @Override
    public boolean isDatagram() {
        return false;
    }

    @Override
    public boolean isInbound() {
        return connection.acceptor().isPresent();
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() throws IOException {
        return under.peerCredentials();
    }

    @Override
    public Optional<NetworkChannel> networkChannel() {
        return under.networkChannel();
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public Instant time() {
        return connection.owner().wallTime();
    }

    /** Stable text without addresses, as the connection's own. */
    @Override
    public String toString() {
        return connection.toString();
    }
}
