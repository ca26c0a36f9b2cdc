package dev.meerkat.internal.blocking;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A question that a connection's thread asks on the loop, and its answer. */
final class Hop<T> implements Runnable {
    private final Conversation conversation;
    private final Supplier<T> question;
    private @Nullable T answer;
    private @Nullable Throwable failure;
    private volatile boolean done;

    Hop(Conversation conversation, Supplier<T> question) {
        this.conversation = conversation;
        this.question = question;
    }

    @Override
    public void run() {
        try {
            answer = question.get();
        } catch (Throwable e) {
            failure = e;
        }
        done = true;
        conversation.wake();
    }

    /** A task that was accepted runs, so that this does not wait for ever; an interrupt waits for the answer. */
    @SuppressWarnings("NullAway") // the answer is what the question gave
    T await() {
        boolean interrupted = false;
        while (!done) {
            try {
                conversation.park(Wait.ANSWER, -1);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return answer;
    }
}
