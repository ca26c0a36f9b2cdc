package dev.meerkat.testkit.manager;

import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A datagram socket of the test's own, without a manager. */
final class RawUdp {
    private final DatagramHandle handle;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    final List<byte[]> received = new ArrayList<>();

    RawUdp(DatagramHandle handle) {
        this.handle = handle;
    }

    InetSocketAddress address() {
        try {
            return (InetSocketAddress) handle.localAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawUdp send(SocketAddress target, byte[] payload) {
        try {
            handle.send(ByteBuffer.wrap(payload), target);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawUdp send(SocketAddress target, String text) {
        return send(target, text.getBytes(StandardCharsets.UTF_8));
    }

    void pump() {
        try {
            while (handle.isOpen() && handle.receive(buffer.clear()) != null) {
                byte[] copy = new byte[buffer.flip().remaining()];
                buffer.get(copy);
                received.add(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> texts() {
        pump();
        return received.stream()
                .map(each -> new String(each, StandardCharsets.UTF_8))
                .toList();
    }

    void close() {
        try {
            handle.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
