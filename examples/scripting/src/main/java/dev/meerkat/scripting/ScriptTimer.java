package dev.meerkat.scripting;

import dev.meerkat.Timer;
import org.jspecify.annotations.Nullable;

/** A timer as a script sees it: what {@code meerkat.after} and {@code meerkat.every} answer. */
public final class ScriptTimer {
    private final ScriptManager owner;
    private final boolean repeats;
    private @Nullable Timer timer;

    ScriptTimer(ScriptManager owner, boolean repeats) {
        this.owner = owner;
        this.repeats = repeats;
    }

    void armed(Timer armed) {
        timer = armed;
    }

    void fired(Object function) {
        if (!repeats) {
            owner.forget(this);
        }
        owner.runner().run(function);
    }

    /**
     * Ends the timer.
     *
     * @return whether it was going to fire
     */
    public boolean cancel() {
        owner.forget(this);
        return timer != null && timer.cancel();
    }
}
