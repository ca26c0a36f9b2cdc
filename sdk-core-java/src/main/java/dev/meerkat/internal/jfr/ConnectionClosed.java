package dev.meerkat.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The life of a connection that has ended; without duration and bytes if it began before the recording */
@Name("dev.meerkat.ConnectionClosed")
@Label("Connection Closed")
@Description("The life of a connection that has ended; without duration and bytes if it began before the recording")
@Category("Meerkat")
@StackTrace(false)
final class ConnectionClosed extends Event {
    @Label("Connection")
    @Nullable
    String connection;

    @Label("Inbound")
    boolean inbound;

    @Label("Remote Address")
    @Nullable
    String remote;

    @Label("Ended By")
    @Nullable
    String initiator;

    @Label("Error")
    @Description("The kind of the error, or nothing after a clean end")
    @Nullable
    String error;

    @Label("Message")
    @Nullable
    String message;

    @Label("Bytes Received")
    @DataAmount
    long received;

    @Label("Bytes Sent")
    @DataAmount
    long sent;
}
