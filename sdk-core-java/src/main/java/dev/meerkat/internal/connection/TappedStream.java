package dev.meerkat.internal.connection;

import dev.meerkat.Tap;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** A stream with a tap on it. */
final class TappedStream extends Tapped<StreamHandle> implements StreamHandle {
    private final SocketAddress remote;

    private TappedStream(RealConnection connection, Tap tap, StreamHandle under) throws IOException {
        super(connection, tap, under);
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

    // ---------------------------------------------------------------- telling the tap

    private void sent(ByteBuffer view, long count) {
        if (isOn() && count > 0) {
            try {
                tap.sent(this, view.limit(view.position() + (int) count));
            } catch (Throwable e) {
                failed(e);
            }
        }
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
        if (count > 0 && isOn()) {
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

    /** Never: the tap has to see the bytes, so the file is read and written. */
    @Override
    public long transferFrom(FileChannel file, long position, long count) {
        return -1;
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

    // ---------------------------------------------------------------- the wire

    @Override
    public boolean isDatagram() {
        return false;
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() throws IOException {
        return under.peerCredentials();
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }
}
