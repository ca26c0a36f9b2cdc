package dev.meerkat.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A TLS handshake from its beginning until it was done or had failed */
@Name("dev.meerkat.TlsHandshake")
@Label("TLS Handshake")
@Description("A TLS handshake from its beginning until it was done or had failed")
@Category("Meerkat")
@StackTrace(false)
final class TlsHandshake extends Event {
    @Label("Connection")
    @Nullable
    String connection;

    @Label("Inbound")
    boolean inbound;

    @Label("Remote Address")
    @Nullable
    String remote;

    @Label("Protocol")
    @Description("The version that was agreed on, or nothing after a failure")
    @Nullable
    String protocol;

    @Label("Cipher Suite")
    @Nullable
    String cipher;

    @Label("Peer")
    @Description("The subject of the peer's certificate, or nothing if it showed none")
    @Nullable
    String peer;

    @Label("Error")
    @Description("The kind of the error, or nothing if the handshake was done")
    @Nullable
    String error;

    @Label("Message")
    @Nullable
    String message;
}
