package dev.meerkat.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** More waited to be sent than the high-water mark allows */
@Name("dev.meerkat.WriteStalled")
@Label("Write Stalled")
@Description("More waited to be sent than the high-water mark allows")
@Category("Meerkat")
@StackTrace(false)
final class WriteStalled extends Event {
    @Label("Connection")
    @Nullable
    String connection;

    @Label("Bytes Pending")
    @Description("What waited when it began")
    @DataAmount
    int pending;

    @Label("Drained")
    @Description("Whether it ended at the low-water mark, and not with the connection")
    boolean drained;
}
