package dev.meerkat;

import dev.meerkat.rules.HouseRules;
import dev.meerkat.rules.PackageArrows;
import java.util.ArrayList;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HouseRulesTest extends HouseRules {
    /** The picture in docs/architecture.md. */
    private static final PackageArrows ARROWS = new PackageArrows()
            .add("dev.meerkat.internal.check")
            .add("dev.meerkat.event")
            .add("dev.meerkat.runtime", "dev.meerkat.internal.check")
            .add("dev.meerkat.tls", "dev.meerkat.internal.check")
            .add("dev.meerkat.internal.protocol")
            .add(
                    "dev.meerkat",
                    "dev.meerkat.internal.check",
                    "dev.meerkat.event",
                    "dev.meerkat.runtime",
                    "dev.meerkat.tls",
                    "dev.meerkat.internal.protocol")
            .add(
                    "dev.meerkat.http",
                    "dev.meerkat.internal.check",
                    "dev.meerkat.event",
                    "dev.meerkat",
                    "dev.meerkat.runtime")
            .add(
                    "dev.meerkat.http.filter",
                    "dev.meerkat.internal.check",
                    "dev.meerkat.event",
                    "dev.meerkat",
                    "dev.meerkat.runtime",
                    "dev.meerkat.http")
            .add(
                    "dev.meerkat.http.client",
                    "dev.meerkat.internal.check",
                    "dev.meerkat.event",
                    "dev.meerkat",
                    "dev.meerkat.http")
            .add(
                    "dev.meerkat.http.proxy",
                    "dev.meerkat.event",
                    "dev.meerkat",
                    "dev.meerkat.http",
                    "dev.meerkat.http.client")
            .add(
                    "dev.meerkat.multipart",
                    "dev.meerkat.internal.check",
                    "dev.meerkat",
                    "dev.meerkat.event",
                    "dev.meerkat.http")
            .add(
                    "dev.meerkat.websocket",
                    "dev.meerkat.internal.check",
                    "dev.meerkat",
                    "dev.meerkat.event",
                    "dev.meerkat.http",
                    "dev.meerkat.http.client")
            .add(
                    "dev.meerkat.internal.websocket",
                    "dev.meerkat.internal.check",
                    "dev.meerkat.event",
                    "dev.meerkat.http",
                    "dev.meerkat.websocket")
            .add(
                    "dev.meerkat.internal.multipart",
                    "dev.meerkat.internal.check",
                    "dev.meerkat.http",
                    "dev.meerkat.multipart")
            .add(
                    "dev.meerkat.internal.upload",
                    "dev.meerkat",
                    "dev.meerkat.event",
                    "dev.meerkat.runtime",
                    "dev.meerkat.http",
                    "dev.meerkat.multipart",
                    "dev.meerkat.internal.multipart")
            .add(
                    "dev.meerkat.internal.tls",
                    "dev.meerkat.event",
                    "dev.meerkat.runtime",
                    "dev.meerkat.tls",
                    "dev.meerkat")
            .add("dev.meerkat.internal.buffer", "dev.meerkat.event", "dev.meerkat.runtime")
            .add("dev.meerkat.internal.http1", "dev.meerkat.internal.check", "dev.meerkat.event", "dev.meerkat.http")
            .add("dev.meerkat.internal.coding", "dev.meerkat.event", "dev.meerkat.http", "dev.meerkat.internal.buffer")
            .add(
                    "dev.meerkat.internal.httpio",
                    "dev.meerkat.event",
                    "dev.meerkat",
                    "dev.meerkat.http",
                    "dev.meerkat.internal.http1")
            .add(
                    "dev.meerkat.internal.httpclient",
                    "dev.meerkat.internal.httpio",
                    "dev.meerkat.internal.coding",
                    "dev.meerkat.event",
                    "dev.meerkat.runtime",
                    "dev.meerkat.tls",
                    "dev.meerkat",
                    "dev.meerkat.http",
                    "dev.meerkat.http.client",
                    "dev.meerkat.internal.buffer",
                    "dev.meerkat.internal.http1")
            .add("dev.meerkat.internal.time")
            .add("dev.meerkat.internal.names", "dev.meerkat")
            .add("dev.meerkat.internal.observe")
            .add("dev.meerkat.internal.pcap")
            .add("jdk.jfr") // which may be missing at run time, hence one package alone knows it
            .add("dev.meerkat.internal.jfr", "dev.meerkat.event", "jdk.jfr")
            .add("dev.meerkat.observe", "dev.meerkat", "dev.meerkat.internal.observe", "dev.meerkat.internal.pcap")
            .add("dev.meerkat.internal.loop", "dev.meerkat.runtime", "dev.meerkat.internal.time")
            .add(
                    "dev.meerkat.internal.secure",
                    "dev.meerkat.event",
                    "dev.meerkat.runtime",
                    "dev.meerkat.internal.buffer",
                    "dev.meerkat.internal.time",
                    "dev.meerkat.internal.loop",
                    "dev.meerkat.internal.tls")
            .add(
                    "dev.meerkat.internal.blocking",
                    "dev.meerkat.event",
                    "dev.meerkat.runtime",
                    "dev.meerkat.tls",
                    "dev.meerkat",
                    "dev.meerkat.internal.buffer")
            .add(
                    "dev.meerkat.internal.connection",
                    "dev.meerkat.event",
                    "dev.meerkat.runtime",
                    "dev.meerkat.tls",
                    "dev.meerkat",
                    "dev.meerkat.internal.blocking",
                    "dev.meerkat.internal.buffer",
                    "dev.meerkat.internal.jfr",
                    "dev.meerkat.internal.observe",
                    "dev.meerkat.internal.time",
                    "dev.meerkat.internal.loop",
                    "dev.meerkat.internal.names",
                    "dev.meerkat.internal.tls",
                    "dev.meerkat.internal.secure")
            .add(
                    "dev.meerkat.internal.http",
                    "dev.meerkat.internal.httpio",
                    "dev.meerkat.internal.coding",
                    "dev.meerkat.event",
                    "dev.meerkat.runtime",
                    "dev.meerkat",
                    "dev.meerkat.http",
                    "dev.meerkat.internal.protocol",
                    "dev.meerkat.internal.buffer",
                    "dev.meerkat.internal.http1")
            .add(
                    "dev.meerkat.internal.ws",
                    "dev.meerkat.event",
                    "dev.meerkat.runtime",
                    "dev.meerkat",
                    "dev.meerkat.http",
                    "dev.meerkat.http.client",
                    "dev.meerkat.websocket",
                    "dev.meerkat.internal.buffer",
                    "dev.meerkat.internal.http",
                    "dev.meerkat.internal.httpclient",
                    "dev.meerkat.internal.httpio",
                    "dev.meerkat.internal.websocket")
            .add("dev.meerkat.topic", "dev.meerkat.event", "dev.meerkat", "dev.meerkat.websocket")
            .add(
                    "dev.meerkat.internal.topic",
                    "dev.meerkat.event",
                    "dev.meerkat",
                    "dev.meerkat.websocket",
                    "dev.meerkat.topic",
                    "dev.meerkat.internal.ws")
            .add("dev.meerkat.internal.nio", "dev.meerkat.runtime")
            .add("dev.meerkat.foreign", "dev.meerkat", "dev.meerkat.runtime", "dev.meerkat.internal.nio")
            .door("dev.meerkat.EventManager$Builder.build", "dev.meerkat.internal.connection")
            .door("dev.meerkat.http.client.HttpClient.create", "dev.meerkat.internal.httpclient")
            .door("dev.meerkat.http.client.HttpClientConnection.of", "dev.meerkat.internal.httpclient")
            .door("dev.meerkat.http.client.HttpClientConnection.handler", "dev.meerkat.internal.httpclient")
            .door("dev.meerkat.http.client.ResponseReader.whole", "dev.meerkat.internal.httpclient")
            .door("dev.meerkat.internal.connection.Outgoing.connectHttp", "dev.meerkat.internal.httpclient")
            .door("dev.meerkat.EventManagerGroup.of", "dev.meerkat.internal.connection")
            .door("dev.meerkat.EventManagerGroup$Builder.build", "dev.meerkat.internal.connection")
            .door("dev.meerkat.http.HttpServer.handler", "dev.meerkat.internal.http")
            .door("dev.meerkat.http.FailureAnswers.onLoop", "dev.meerkat.internal.httpio")
            .door("dev.meerkat.http.filter.Decompression.filter", "dev.meerkat.internal.http")
            .door("dev.meerkat.internal.connection.Listening.speaking", "dev.meerkat.internal.http")
            .door("dev.meerkat.http.Router.webSocket", "dev.meerkat.websocket")
            .door("dev.meerkat.websocket.Message.binary", "dev.meerkat.internal.ws")
            .door("dev.meerkat.websocket.Message.text", "dev.meerkat.internal.ws")
            .door("dev.meerkat.websocket.WebSocketClient.create", "dev.meerkat.internal.ws")
            .door("dev.meerkat.websocket.WebSocketProtocol$Builder.build", "dev.meerkat.internal.ws")
            .door("dev.meerkat.websocket.WebSocketServer$Builder.build", "dev.meerkat.internal.ws")
            .door("dev.meerkat.internal.connection.RealGroup.create", "dev.meerkat.internal.nio")
            .door("dev.meerkat.multipart.MultipartHandler.read", "dev.meerkat.internal.upload")
            .door("dev.meerkat.multipart.MultipartHandler.streaming", "dev.meerkat.internal.upload")
            .door("dev.meerkat.multipart.MultipartHandler.toDirectory", "dev.meerkat.internal.upload")
            .door("dev.meerkat.multipart.MultipartHandler.toFieldsAndFiles", "dev.meerkat.internal.upload")
            .door("dev.meerkat.ConnectedPair.stream", "dev.meerkat.internal.nio")
            .door("dev.meerkat.ConnectedPair.datagram", "dev.meerkat.internal.nio")
            .door("dev.meerkat.internal.connection.RealEventManager.create", "dev.meerkat.internal.nio")
            .door("dev.meerkat.topic.Topic.named", "dev.meerkat.internal.topic")
            .door("dev.meerkat.internal.topic.ManagerLoop.later", "dev.meerkat.internal.connection")
            .door("dev.meerkat.internal.topic.ManagerLoop.report", "dev.meerkat.internal.connection")
            .door("dev.meerkat.internal.ws.Site.later", "dev.meerkat.internal.connection")
            .door("dev.meerkat.internal.nio.PeerCredentialsOption.read", "jdk.net");

    /** Those that a user hands channels to, or who hand them to the user. */
    private static final Set<String> MAY_NAME_CHANNELS =
            Set.of("dev.meerkat.foreign.ForeignLoop", "dev.meerkat.runtime.Poller");

    /** A file is no socket; but here too, one place reads it for all. */
    private static final Set<String> READS_FILES = Set.of("dev.meerkat.event.FileRegion");

    HouseRulesTest() {
        super(
                "dev.meerkat.internal.nio.* -> *", // it is what stands behind the seam
                "dev.meerkat.event.FileRegion.* -> java.nio.channels.FileChannel.open(*"); // a file, by the program's
        // wish
    }

    @Test
    void packagesKnowOnlyWhatTheyMay() {
        assertNone("No arrow permits these:", ARROWS.violations(MAIN));
    }

    @Test
    void onlyTheNioRuntimeKnowsChannelsAndSockets() {
        var found = new ArrayList<String>();
        for (var type : MAIN) {
            if (MAY_NAME_CHANNELS.contains(type.getName())
                    || type.getPackageName().equals("dev.meerkat.internal.nio")) {
                continue;
            }
            for (var dependency : type.getDirectDependenciesFromSelf()) {
                String known = dependency.getTargetClass().getName();
                String what = dependency.getDescription();
                if (known.matches("java\\.nio\\.channels\\.(\\w+Channel)") && !what.contains(" calls ")) {
                    continue; // a program's channel is passed on, to it or from it, and never touched
                }
                if (READS_FILES.contains(type.getName()) && known.equals("java.nio.channels.FileChannel")) {
                    continue;
                }
                if (type.getPackageName().equals("dev.meerkat.internal.tls")
                        && what.contains(" has parameter of type ")) {
                    continue; // the JDK's managers of keys and trust name a socket that they are never given
                }
                if (known.matches(
                        "java\\.nio\\.channels\\..*(?<!Exception)|java\\.net\\.\\w*Socket|javax\\.net\\..*Socket.*")) {
                    found.add(what);
                }
            }
        }
        assertNone("Channels and sockets stay inside the NIO runtime:", found);
    }
}
