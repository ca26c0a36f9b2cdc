package dev.meerkat.internal.secure;

import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.runtime.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Who has the engine: the loop, or, from {@link #begin} until the loop is told, the worker that runs what is to be
 * computed. All tasks there are go in one piece, one way and back.
 */
final class EngineWork {
    private final SecureStream stream;
    private final TlsEngine engine;
    private final EventLoop loop;
    private final Workers workers;
    private boolean underWay;

    EngineWork(SecureStream stream, TlsEngine engine, EventLoop loop, Workers workers) {
        this.stream = stream;
        this.engine = engine;
        this.loop = loop;
        this.workers = workers;
    }

    /** Whether a worker has the engine: nobody else may touch it. */
    boolean isUnderWay() {
        return underWay;
    }

    /** Gives the engine away; {@link SecureStream#worked} tells that it is back, in another turn. */
    void begin() {
        Runnable tasks = engine.tasks();
        underWay = true;
        Object unused = workers.submit(() -> {
                    tasks.run();
                    return true;
                })
                .whenComplete((done, thrown) -> loop.offerInternal(() -> over(tasks, thrown)));
    }

    private void over(Runnable tasks, @Nullable Throwable thrown) {
        underWay = false;
        RuntimeException broken = null;
        if (thrown != null) {
            try {
                tasks.run(); // no worker took them: whoever has too much to do does it himself, and so gets less to do
            } catch (RuntimeException e) {
                broken = e;
            }
        }
        stream.worked(broken);
    }
}
