package dev.meerkat.internal.connection;

import dev.meerkat.ErrorHook;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.Resolver.Question;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One question to the resolver and the time it may take. Tells its end once, on the loop thread, unless it was given up
 * before.
 */
final class Asking<T> implements TimerTask {
    /** Hears of the end: of an answer, of a failure, or of neither if the time is over. */
    @FunctionalInterface
    interface Ended<T> {
        void ended(@Nullable T answer, @Nullable Throwable failure);
    }

    private final RealEventManager manager;
    private final Ended<T> listener;
    private final TimerNode timer = new TimerNode(this);
    private final Question<T> question;
    private boolean over;

    Asking(RealEventManager manager, Question<T> question, long timeoutNanos, Ended<T> listener) {
        this.manager = manager;
        this.question = question;
        this.listener = listener;
        manager.loop().arm(timer, manager.loop().deadlineIn(timeoutNanos));
        var unused =
                question.answer().whenComplete((answer, failure) -> manager.postInternal(() -> end(answer, failure)));
    }

    /** What a resolver throws counts as the answer that it should have given. */
    static <T> Question<T> ask(Supplier<Question<T>> resolver) {
        try {
            return resolver.get();
        } catch (Throwable e) {
            return Question.of(CompletableFuture.failedFuture(e));
        }
    }

    private void end(@Nullable T answer, @Nullable Throwable failure) {
        if (over) {
            return;
        }
        over = true;
        manager.loop().disarm(timer);
        if (answer != null) {
            listener.ended(answer, null);
            return;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        listener.ended(null, cause != null ? cause : new IllegalStateException("the resolver answered null"));
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        giveUp();
        listener.ended(null, null);
    }

    /** Nobody waits any more. */
    void giveUp() {
        if (over) {
            return;
        }
        over = true;
        manager.loop().disarm(timer);
        try {
            question.abandon().run();
        } catch (Throwable e) {
            manager.report(ErrorHook.Source.LOOP, Optional.empty(), e);
        }
    }
}
