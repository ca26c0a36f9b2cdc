package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Arrival;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/** An accepted channel on its way to another transport. */
record NioArrival(NioListener listener, SocketChannel channel) implements Arrival {
    @Override
    public StreamHandle join(Transport transport) throws IOException {
        return listener.handleOf(channel, (NioTransport) transport);
    }

    @Override
    public void refuse() {
        listener.refuse(channel);
    }
}
