package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.client.ClientProxy;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.tls.ClientAuth;
import dev.meerkat.tls.TlsMode;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketServer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Proxies between a client of WebSocket and its servers, and TLS with and without them, on every transport. */
abstract class WebSocketTunnelRules extends WebSocketClientRulesBase {
    private static final WebSocketHandler TALK = (webSocket, event) -> {
        if (event instanceof WebSocketEvent.Opened) {
            webSocket.send("hello");
        } else if (event instanceof WebSocketEvent.Text) {
            webSocket.close();
        }
    };

    private static final String[] WELL = {"Opened", "Text", "Closed 1000 by LOCAL"};

    private int serve() {
        return manager()
                .listen(arm.host() + ":0", HttpServer.handler(HttpServerRules.TIMELESS, WebSocketServer.of(ECHO)))
                .port();
    }

    private int serveSecurely(TlsOptions tls) {
        return manager()
                .listen(
                        "wss://" + arm.host() + ":0",
                        ListenOptions.builder().tls(tls).build(),
                        WebSocketServer.of(ECHO))
                .port();
    }

    private String listen(RelayProxy proxy) {
        Acceptor acceptor = manager().listen(arm.host() + ":0", proxy);
        return arm.host() + ":" + acceptor.port();
    }

    private void talk(String uri, Change<WebSocketClientOptions.Builder> change) {
        told.clear();
        connect(client(change), uri, TALK);
        until("the end", this::isOver);
    }

    private static ConnectOptions by(TlsOptions tls) {
        return ConnectOptions.builder().tls(tls).build();
    }

    private void failed(Kind kind, int code) {
        assertEquals("[Closed " + code + " by PEER, not clean]", told.toString());
        assertEquals(Optional.of(kind), closed.connectionError().map(error -> error.kind()));
    }

    // ---- proxies

    @Test
    void aPlainOneGoesThroughATunnelToo() {
        int port = serve();
        RelayProxy proxy = RelayProxy.http(arm.host() + ":" + port);
        ClientProxy address = ClientProxy.http(listen(proxy)).withCredentials("me", "secret");
        talk("ws://chat.test:" + port + "/", options -> options.proxy(address));
        assertEquals(List.of(WELL), told);
        assertEquals(
                "CONNECT chat.test:" + port + " HTTP/1.1\r\nHost: chat.test:" + port
                        + "\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n",
                proxy.asked().get(0));
    }

    @Test
    void aSecureOneGoesThroughATunnelAndVerifiesTheServersName() {
        TestCa ca = TestCa.create(manager().wallTime());
        int port = serveSecurely(TlsOptions.server(ca.server("chat.test").identity()));
        RelayProxy proxy = RelayProxy.http(arm.host() + ":" + port);
        ClientProxy address = ClientProxy.http(listen(proxy));
        TlsOptions trusting = TlsOptions.builder().trust(ca.trust()).build();
        talk("wss://chat.test:" + port + "/", options -> options.proxy(address).connect(by(trusting)));
        assertEquals(List.of(WELL), told);
        talk("wss://other.test:" + port + "/", options -> options.proxy(address).connect(by(trusting)));
        failed(Kind.CERTIFICATE_WRONG_HOST, 1015);
    }

    @Test
    void socksLeadsToServers() {
        int port = serve();
        RelayProxy proxy = RelayProxy.socks(arm.host() + ":" + port);
        ClientProxy address = ClientProxy.socks5(listen(proxy)).withCredentials("me", "pw");
        talk("ws://chat.test:" + port + "/", options -> options.proxy(address));
        assertEquals(List.of(WELL), told);
        assertTrue(proxy.asked().get(2).contains("chat.test"), proxy.asked()::toString);
    }

    @Test
    void aProxyThatSaysNoIsToldAsOne() {
        RelayProxy proxy =
                RelayProxy.http(arm.host() + ":1").refusing("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n");
        ClientProxy address = ClientProxy.http(listen(proxy));
        talk("ws://chat.test/", options -> options.proxy(address));
        failed(Kind.PROXY_REFUSED, 1006);
        assertTrue(closed.connectionError().orElseThrow().message().contains("407"));
    }

    // ---- TLS

    @Test
    void ofTheModesOnlyOneAcceptsASelfSignedServer() {
        TlsOptions self = TlsOptions.server(
                TestCa.selfSigned(manager().wallTime(), arm.host()).identity());
        String uri = "wss://" + arm.host() + ":" + serveSecurely(self) + "/";
        talk(uri, options -> options.connect(by(TlsOptions.client(TlsMode.ALLOW_SELF_SIGNED))));
        assertEquals(List.of(WELL), told);
        talk(uri, options -> options.connect(by(TlsOptions.client(TlsMode.VERIFY))));
        failed(Kind.CERTIFICATE_SELF_SIGNED, 1015);
        TestCa nobody = TestCa.create(manager().wallTime());
        String issued = "wss://" + arm.host() + ":"
                + serveSecurely(TlsOptions.server(nobody.server(arm.host()).identity())) + "/";
        talk(issued, options -> options.connect(by(TlsOptions.client(TlsMode.ALLOW_SELF_SIGNED))));
        failed(Kind.CERTIFICATE_UNTRUSTED, 1015);
    }

    @Test
    void aServerMayWantToKnowWhoComes() {
        TestCa ca = TestCa.create(manager().wallTime());
        TlsOptions asking = TlsOptions.server(ca.server("chat.test").identity()).toBuilder()
                .trust(ca.trust())
                .clientAuth(ClientAuth.REQUIRED)
                .build();
        String uri = "wss://" + arm.host() + ":" + serveSecurely(asking) + "/";
        TlsOptions alice = TlsOptions.builder()
                .trust(ca.trust())
                .serverName("chat.test")
                .identity(ca.client("alice").identity())
                .build();
        talk(uri, options -> options.connect(by(alice)));
        assertEquals(List.of(WELL), told);
    }

    // ---- places

    @Test
    void anAddressOfVersionSixStandsInBrackets() {
        int port = manager()
                .listen(arm.host6() + ":0", HttpServer.handler(HttpServerRules.TIMELESS, WebSocketServer.of(ECHO)))
                .port();
        talk("ws://" + arm.host6() + ":" + port + "/", options -> {});
        assertEquals(List.of(WELL), told);
    }

    @Test
    void thePortThatTheSchemeImpliesIsLeftOutOfHostAndNamesAreAskedForInAscii() {
        RelayProxy proxy =
                RelayProxy.http(listenByHand().substring("ws://".length()).replace("/chat", ""));
        ClientProxy address = ClientProxy.http(listen(proxy));
        connect(client(options -> options.proxy(address)), "ws://b\u00fccher.test:80/\u00e4?x", NOTHING);
        Peer server = asked();
        assertTrue(server.text().startsWith("GET /%C3%A4?x HTTP/1.1\r\nHost: xn--bcher-kva.test\r\n"), server.text());
        assertTrue(proxy.asked().get(0).startsWith("CONNECT xn--bcher-kva.test:80 "), proxy.asked()::toString);
    }
}
