package dev.meerkat.internal.secure;

import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.internal.tls.TlsFailure;
import dev.meerkat.runtime.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Who has the engine: the loop, or, from {@link #begin} until the loop is told, the worker that runs what is to be
 * computed. All tasks there are go in one piece, one way and back; or the loop runs them itself and keeps the engine.
 */
final class EngineWork {
    private final SecureStream stream;
    private final TlsEngine engine;
    private final EventLoop loop;
    private final @Nullable Workers workers;
    private boolean underWay;

    EngineWork(SecureStream stream, TlsEngine engine, EventLoop loop, @Nullable Workers workers) {
        this.stream = stream;
        this.engine = engine;
        this.loop = loop;
        this.workers = workers;
    }

    /** Whether a worker has the engine: nobody else may touch it. */
    boolean isUnderWay() {
        return underWay;
    }

    /**
     * Has the tasks run. Answers true if they have: then it may go on at once. Else the engine is given away, and
     * {@link SecureStream#worked} tells that it is back, in another turn.
     */
    boolean begin() throws TlsFailure {
        Runnable tasks = engine.tasks();
        Workers others = workers;
        if (others == null) {
            try {
                tasks.run();
            } catch (RuntimeException e) {
                throw engine.broken(e);
            }
            engine.tasksDone();
            return true;
        }
        underWay = true;
        Object unused = others.submit(() -> {
                    tasks.run();
                    return true;
                })
                .whenComplete((done, thrown) -> loop.offerInternal(() -> over(tasks, thrown)));
        return false;
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
