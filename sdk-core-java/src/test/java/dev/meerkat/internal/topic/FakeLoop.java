package dev.meerkat.internal.topic;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** A loop whose tasks run when the test says so. */
final class FakeLoop implements Loop {
    private final EventManager manager = (EventManager) Proxy.newProxyInstance(
            FakeLoop.class.getClassLoader(),
            new Class<?>[] {EventManager.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> throw new UnsupportedOperationException(method.toString());
            });
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final List<Runnable> closing = new ArrayList<>();
    final List<Throwable> reported = new ArrayList<>();
    private boolean closed;
    private boolean running;

    @Override
    public EventManager manager() {
        return manager;
    }

    @Override
    public void later(Runnable task) {
        if (!closed) {
            tasks.add(task);
        }
    }

    @Override
    public void report(Throwable failure) {
        reported.add(failure);
    }

    @Override
    public Runnable onClose(Runnable task) {
        if (closed) {
            throw new ManagerClosedException("closed");
        }
        closing.add(task);
        return () -> closing.remove(task);
    }

    int tasks() {
        return tasks.size();
    }

    int closeTasks() {
        return closing.size();
    }

    /** Runs the oldest task; false if there is none. */
    boolean runOne() {
        if (running) {
            throw new AssertionError("nested");
        }
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        running = true;
        try {
            task.run();
        } finally {
            running = false;
        }
        return true;
    }

    void runAll() {
        int ran = 0;
        while (runOne()) {
            if (++ran > 100_000) {
                throw new AssertionError("it never ends");
            }
        }
    }

    void close() {
        runAll();
        closed = true;
        List.copyOf(closing).forEach(Runnable::run);
    }
}
