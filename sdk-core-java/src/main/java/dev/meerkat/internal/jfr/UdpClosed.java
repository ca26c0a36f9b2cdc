package dev.meerkat.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The life of a UDP socket that has ended; without duration and counts if it began before the recording */
@Name("dev.meerkat.UdpClosed")
@Label("UDP Socket Closed")
@Description("The life of a UDP socket that has ended; without duration and counts if it began before the recording")
@Category("Meerkat")
@StackTrace(false)
final class UdpClosed extends Event {
    @Label("Socket")
    @Nullable
    String socket;

    @Label("Local Address")
    @Nullable
    String local;

    @Label("Remote Address")
    @Description("Of the peer, or nothing if it heard everybody")
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

    @Label("Datagrams Received")
    long datagramsReceived;

    @Label("Bytes Received")
    @DataAmount
    long received;

    @Label("Datagrams Sent")
    long datagramsSent;

    @Label("Bytes Sent")
    @DataAmount
    long sent;

    @Label("Failures")
    @Description("How often sending or receiving failed, or the peer's port was unreachable")
    long failures;
}
