package dev.meerkat;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * The default error hook: the JDK's own logger facade, so that nothing is swallowed and nothing is depended on. A
 * manager puts one in its place that knows the time, and hence how much is too much.
 */
final class LoggedErrors {
    private static final Logger LOGGER = System.getLogger("dev.meerkat");

    static final ErrorHook HOOK = (source, connection, failure) -> LOGGER.log(
            Level.ERROR,
            () -> source + " failed" + connection.map(c -> " on " + c).orElse(""),
            failure);

    static {
        // The backend reads its configuration at the first use. That must not be when the process has run out of
        // descriptors: the very message that says so would be lost.
        boolean unused = LOGGER.isLoggable(Level.ERROR);
    }

    private LoggedErrors() {}
}
