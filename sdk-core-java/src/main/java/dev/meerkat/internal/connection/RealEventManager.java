package dev.meerkat.internal.connection;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.runtime.ManagerRuntime;
import org.jspecify.annotations.Nullable;

/** Placeholder until the loop is in place. */
public abstract class RealEventManager implements EventManager {
    public static EventManager create(ManagerOptions options, @Nullable ManagerRuntime runtime) {
        throw new IllegalStateException("not yet: " + options + runtime);
    }
}
