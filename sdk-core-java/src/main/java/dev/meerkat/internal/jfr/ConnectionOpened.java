package dev.meerkat.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A connection was accepted or connected */
@Name("dev.meerkat.ConnectionOpened")
@Label("Connection Opened")
@Description("A connection was accepted or connected")
@Category("Meerkat")
@StackTrace(false)
final class ConnectionOpened extends Event {
    @Label("Connection")
    @Nullable
    String connection;

    @Label("Inbound")
    boolean inbound;

    @Label("Local Address")
    @Nullable
    String local;

    @Label("Remote Address")
    @Nullable
    String remote;
}
