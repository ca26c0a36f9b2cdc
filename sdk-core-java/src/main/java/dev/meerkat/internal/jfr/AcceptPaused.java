package dev.meerkat.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** An acceptor that accepted nothing */
@Name("dev.meerkat.AcceptPaused")
@Label("Accept Paused")
@Description("An acceptor that accepted nothing")
@Category("Meerkat")
@StackTrace(false)
final class AcceptPaused extends Event {
    @Label("Manager")
    @Nullable
    String manager;

    @Label("Acceptor")
    @Nullable
    String acceptor;

    @Label("Limit")
    @Description("Whether a limit of connections was the cause, and not the system")
    boolean limit;
}
