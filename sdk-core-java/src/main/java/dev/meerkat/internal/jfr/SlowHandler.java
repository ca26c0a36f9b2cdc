package dev.meerkat.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** A handler that kept the loop from everything else */
@Name("dev.meerkat.SlowHandler")
@Label("Slow Handler")
@Description("A handler that kept the loop from everything else")
@Category("Meerkat")
@StackTrace(false)
@Threshold("20 ms")
final class SlowHandler extends Event {
    @Label("Connection")
    @Nullable
    String connection;

    @Label("Event")
    @Nullable
    String event;

    @Label("Handler")
    @Nullable
    Class<?> handler;
}
