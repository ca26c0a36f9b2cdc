package dev.meerkat.internal.connection;

import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.runtime.StreamHandle;
import org.jspecify.annotations.Nullable;

/** "Connects" what is connected already. What is left to do is to tell so later, as of every other connection. */
final class AdoptedStream implements Connecting, Deferred {
    private final Lifecycle life;
    private final RealEventManager manager;
    private @Nullable StreamHandle handle;

    AdoptedStream(Lifecycle life, RealEventManager manager, StreamHandle handle) {
        this.life = life;
        this.manager = manager;
        this.handle = handle;
    }

    @Override
    public void start() {
        manager.loop().defer(this);
    }

    @Override
    public void runDeferred() {
        StreamHandle stream = handle;
        handle = null;
        if (stream != null) {
            life.established(stream);
        }
    }

    @Override
    public void end() {
        StreamHandle stream = handle;
        handle = null;
        if (stream != null) {
            Sockets.closeQuietly(stream);
        }
    }
}
