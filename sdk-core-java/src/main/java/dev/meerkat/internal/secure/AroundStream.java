package dev.meerkat.internal.secure;

import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.NetworkChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the stream below knows, and who stands above. */
abstract class AroundStream implements StreamHandle {
    final StreamHandle raw;
    private @Nullable Object attachment;

    AroundStream(StreamHandle raw) {
        this.raw = raw;
    }

    @Override
    public void attach(@Nullable Object newAttachment) {
        attachment = newAttachment;
    }

    @Override
    public @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return raw.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() throws IOException {
        return raw.remoteAddress();
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() throws IOException {
        return raw.peerCredentials();
    }

    @Override
    public Optional<NetworkChannel> networkChannel() {
        return raw.networkChannel();
    }

    @Override
    public boolean isOpen() {
        return raw.isOpen();
    }
}
