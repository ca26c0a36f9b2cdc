package dev.meerkat.scripting;

import java.util.concurrent.Callable;

/**
 * Surrounds every call into an engine: bounds how long it takes and what it may reach, in whatever way that engine
 * permits. {@code javax.script} itself knows no such way.
 */
@FunctionalInterface
public interface ScriptGuard {
    /**
     * Calls into the engine.
     *
     * @param <T> what it answers
     * @param call the call; it runs script code
     * @return what the call answered
     * @throws Exception what the call threw
     * @throws ScriptFailedException if the call was ended because it took too long
     */
    <T> T call(Callable<T> call) throws Exception;

    /**
     * The number of the first line of a script, as the engine counts.
     *
     * @return 1 unless the engine counts otherwise
     */
    default int firstLine() {
        return 1;
    }
}
