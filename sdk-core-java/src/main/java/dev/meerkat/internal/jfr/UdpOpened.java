package dev.meerkat.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A UDP socket was bound or connected */
@Name("dev.meerkat.UdpOpened")
@Label("UDP Socket Opened")
@Description("A UDP socket was bound or connected")
@Category("Meerkat")
@StackTrace(false)
final class UdpOpened extends Event {
    @Label("Socket")
    @Nullable
    String socket;

    @Label("Local Address")
    @Nullable
    String local;

    @Label("Remote Address")
    @Description("Of the peer, or nothing if it hears everybody")
    @Nullable
    String remote;
}
