package dev.meerkat.internal.secure;

import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.internal.tls.TlsFailure;
import dev.meerkat.runtime.Workers;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Who has the engine: the loop, or, from {@link #begin} until the loop is told, the worker that runs what is to be
 * computed. All tasks there are go in one piece, one way and back. Or the loop runs them itself: at once, and keeps the
 * engine, or in a turn of their own, until when nobody has it.
 */
final class EngineWork implements OneATurn.Computation {
    private final SecureStream stream;
    private final TlsEngine engine;
    private final EventLoop loop;
    private final @Nullable Workers workers;
    private final @Nullable OneATurn turns;
    private boolean underWay;

    EngineWork(
            SecureStream stream,
            TlsEngine engine,
            EventLoop loop,
            @Nullable Workers workers,
            @Nullable OneATurn turns) {
        this.stream = stream;
        this.engine = engine;
        this.loop = loop;
        this.workers = workers;
        this.turns = turns;
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
        OneATurn later = turns;
        if (later != null && later.add(this)) {
            underWay = true;
            return false;
        }
        if (workers == null) {
            try {
                engine.tasks().run();
            } catch (RuntimeException | Error e) {
                throw engine.broken(e);
            }
            engine.tasksDone();
            return true;
        }
        underWay = true;
        handOver(workers);
        return false;
    }

    private void handOver(Workers others) {
        Runnable tasks = engine.tasks();
        Object unused = others.submit(() -> {
                    tasks.run();
                    return true;
                })
                .whenComplete((done, thrown) -> loop.offerInternal(() -> over(tasks, thrown)));
    }

    @Override
    public boolean runHere() {
        if (!stream.isOpen()) {
            underWay = false;
            return false;
        }
        run(engine.tasks());
        return true;
    }

    @Override
    public void runElsewhere() {
        if (stream.isOpen() && workers != null) {
            handOver(workers);
        } else {
            boolean unused = runHere();
        }
    }

    private void run(Runnable tasks) {
        underWay = false;
        Throwable broken = null;
        try {
            tasks.run();
        } catch (RuntimeException | Error e) {
            broken = e;
        }
        stream.worked(broken);
    }

    private void over(Runnable tasks, @Nullable Throwable thrown) {
        if (thrown instanceof RejectedExecutionException) {
            run(tasks); // no worker took them: whoever has too much to do does it himself, and so gets less to do
        } else {
            underWay = false;
            stream.worked(thrown);
        }
    }
}
