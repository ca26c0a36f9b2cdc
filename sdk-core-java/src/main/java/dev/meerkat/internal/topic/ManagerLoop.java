package dev.meerkat.internal.topic;

import dev.meerkat.CloseHook;
import dev.meerkat.EventManager;
import dev.meerkat.internal.connection.RealEventManager;
import java.util.Objects;

/** The loop of a manager. */
final class ManagerLoop implements Loop {
    private final EventManager manager;

    ManagerLoop(EventManager manager) {
        this.manager = Objects.requireNonNull(manager, "manager");
    }

    @Override
    public EventManager manager() {
        return manager;
    }

    @Override
    public void later(Runnable task) {
        ((RealEventManager) manager).later(task);
    }

    @Override
    public void report(Throwable failure) {
        ((RealEventManager) manager).reportTask(failure);
    }

    @Override
    public Runnable onClose(Runnable task) {
        CloseHook hook = manager.onClose(task);
        return hook::cancel;
    }
}
