package dev.meerkat.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The switches of a socket are as was asked for, on whatever way it came; those that are so anyway are not set. */
@Timeout(30)
class NioSwitchesTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final boolean[] EITHER = {true, false};

    @Test
    void switchesAreAsAskedFor() throws IOException {
        for (boolean noDelay : EITHER) {
            for (boolean keepAlive : EITHER) {
                SocketOptions options = new SocketOptions(noDelay, keepAlive, 0, 0, 16, true, false);
                NioTransport transport = NioTransport.open();
                NioTransport other = NioTransport.open();
                try (Closeable first = transport::close;
                        Closeable second = other::close) {
                    assertNotSame(first, second);
                    ListenerHandle own = transport.listen(ANY_PORT, options);
                    ListenerHandle adopted =
                            transport.adopt(ServerSocketChannel.open().bind(ANY_PORT), options);
                    for (ListenerHandle listener : new ListenerHandle[] {own, adopted}) {
                        listener.interest(Handle.ACCEPT);
                        check(options, other.connect(listener.localAddress(), options));
                        StreamHandle accepted = null;
                        while (accepted == null) {
                            transport.poll(1_000_000, (handle, ops) -> {});
                            accepted = listener.accept();
                        }
                        check(options, accepted);
                    }
                }
            }
        }
    }

    private static void check(SocketOptions asked, StreamHandle stream) throws IOException {
        var channel = stream.networkChannel().orElseThrow();
        assertEquals(asked.noDelay(), channel.getOption(StandardSocketOptions.TCP_NODELAY));
        assertEquals(asked.keepAlive(), channel.getOption(StandardSocketOptions.SO_KEEPALIVE));
    }
}
