/** The event manager, its transports and codecs, and the public Java API. */
// The testkit is compiled after this module, so the compiler cannot see it here.
@SuppressWarnings("module")
module dev.meerkat {
    requires static jdk.jfr;
    requires static jdk.net; // who is at the other end of a Unix domain socket
    requires static org.jspecify;

    exports dev.meerkat;
    exports dev.meerkat.event;
    exports dev.meerkat.foreign;
    exports dev.meerkat.http;
    exports dev.meerkat.http.client;
    exports dev.meerkat.http.filter;
    exports dev.meerkat.http.proxy;
    exports dev.meerkat.multipart;
    exports dev.meerkat.observe;
    exports dev.meerkat.runtime;
    exports dev.meerkat.tls;
    exports dev.meerkat.topic;
    exports dev.meerkat.websocket;
    exports dev.meerkat.internal.buffer to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.connection to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.loop to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.names to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.nio to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.observe to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.pcap to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.secure to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.time to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.tls to
            dev.meerkat.testkit;
    exports dev.meerkat.internal.websocket to
            dev.meerkat.testkit;
}
