package dev.meerkat;

import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * The default error hook: the JDK's own logger facade, so that nothing is swallowed and nothing is depended on. A
 * manager puts one in its place that knows the time, and hence how much is too much.
 */
final class LoggedErrors implements ErrorHook {
    static final ErrorHook HOOK = new LoggedErrors();

    private LoggedErrors() {}

    /** The logger is looked for when something is to be logged: to make one takes a fifth of a start. */
    @Override
    public void onError(Source source, Optional<Connection> connection, Throwable failure) {
        String where = connection.isPresent() ? " on " + connection.get() : "";
        System.getLogger("dev.meerkat").log(Level.ERROR, source + " failed" + where, failure);
    }
}
