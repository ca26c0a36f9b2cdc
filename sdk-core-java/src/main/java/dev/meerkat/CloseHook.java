package dev.meerkat;

/** A task that waits for a manager to be closed: {@link EventManager#onClose}. */
public interface CloseHook {
    /** May be called from any thread. Forgets the task, unless it has begun. A second call does nothing. */
    void cancel();
}
