package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientProxy;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.tls.TlsOptions;
import org.junit.jupiter.api.Test;

/** Proxies between a client and its servers, and TLS with and without them. */
abstract class HttpProxyRules extends HttpClientRulesBase {
    private final CannedServer server = CannedServer.text("behind");

    private String listen(RelayProxy proxy) {
        Acceptor acceptor = manager().listen(arm.host() + ":0", proxy);
        return arm.host() + ":" + acceptor.port();
    }

    /** Serves by TLS under the name tls.test; a client that trusts it. */
    private int serveSecurely() {
        TestCa ca = TestCa.create(manager().wallTime());
        TlsOptions served = TlsOptions.server(ca.server("tls.test").identity());
        Acceptor acceptor = manager()
                .listen(
                        "tls://" + arm.host() + ":0",
                        ListenOptions.builder().tls(served).build(),
                        server);
        trusted = TlsOptions.builder().trust(ca.trust()).build();
        return acceptor.port();
    }

    private TlsOptions trusted = TlsOptions.DEFAULT;

    private ConnectOptions trusting() {
        return ConnectOptions.builder().tls(trusted).build();
    }

    @Test
    void httpsIsTlsWithTheNameOfTheServer() {
        int port = serveSecurely();
        client(options -> options.connect(trusting().toBuilder()
                .tls(trusted.toBuilder().serverName("tls.test").build())
                .build()));
        String uri = "https://" + arm.host() + ":" + port;
        assertEquals("behind", get(uri).text());
        assertEquals("behind", get(uri).text());
        assertEquals(1, server.connections().size());
        assertEquals(
                arm.host() + ":" + port, CannedServer.field(server.requests().get(0), "Host"));
    }

    @Test
    void aServerThatNobodyTrustsIsAFailedConnect() {
        int port = serveSecurely();
        ClientException failure = fails(Kind.CONNECT_FAILED, ClientRequest.get("https://" + arm.host() + ":" + port));
        assertTrue(failure.connectionError().isPresent());
    }

    @Test
    void aProxyIsToldTheWholeTargetAndTheServerNothingOfItsCredentials() {
        CannedServer proxy = CannedServer.text("by proxy");
        String address = serve(proxy).substring("http://".length());
        client(options -> options.proxy(ClientProxy.http(address).withCredentials("me", "secret")));
        assertEquals("by proxy", get("http://example.test/path?query").text());
        String request = proxy.requests().get(0);
        assertTrue(
                request.startsWith("GET http://example.test/path?query HTTP/1.1\r\nHost: example.test\r\n"), request);
        assertEquals("Basic bWU6c2VjcmV0", CannedServer.field(request, "Proxy-Authorization"));
    }

    @Test
    void httpsGoesThroughATunnelAndVerifiesTheServersName() {
        int port = serveSecurely();
        RelayProxy proxy = RelayProxy.http(arm.host() + ":" + port);
        String address = listen(proxy);
        client(options ->
                options.connect(trusting()).proxy(ClientProxy.http(address).withCredentials("me", "secret")));
        assertEquals("behind", get("https://tls.test:" + port + "/").text());
        assertEquals("behind", get("https://tls.test:" + port + "/").text());
        assertEquals(1, proxy.asked().size());
        assertEquals(
                "CONNECT tls.test:" + port + " HTTP/1.1\r\nHost: tls.test:" + port
                        + "\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n",
                proxy.asked().get(0));
        assertEquals("", CannedServer.field(server.requests().get(0), "Proxy-Authorization"));
        fails(Kind.CONNECT_FAILED, ClientRequest.get("https://other.test:" + port + "/"));
    }

    @Test
    void socksLeadsToServersInClearAndByTls() {
        int port = serveSecurely();
        RelayProxy proxy = RelayProxy.socks(arm.host() + ":" + port);
        String address = listen(proxy);
        client(options ->
                options.connect(trusting()).proxy(ClientProxy.socks5(address).withCredentials("me", "pw")));
        assertEquals("behind", get("https://tls.test:" + port + "/").text());
        assertEquals("\u0005\u0002\u0000\u0002", proxy.asked().get(0));
        assertEquals("\u0001\u0002me\u0002pw", proxy.asked().get(1));
        assertTrue(proxy.asked().get(2).contains("tls.test"), proxy.asked()::toString);

        CannedServer clear = CannedServer.text("clear");
        RelayProxy other = RelayProxy.socks(serve(clear).substring("http://".length()));
        String second = listen(other);
        client(options -> options.proxy(ClientProxy.socks5(second)));
        assertEquals("clear", get("http://clear.test/x").text());
        assertTrue(clear.requests().get(0).startsWith("GET /x HTTP/1.1\r\nHost: clear.test\r\n"));
    }

    @Test
    void whatAProxyRefusesIsTold() {
        String http = listen(RelayProxy.http("unused:1")
                .refusing("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"));
        client(options -> options.proxy(ClientProxy.http(http)));
        ClientException refused = fails(Kind.PROXY_REFUSED, ClientRequest.get("https://tls.test/"));
        assertTrue(refused.getMessage().contains("407"), refused::getMessage);
        String socks = listen(RelayProxy.socks("unused:1").refusing("\u0005\u0002"));
        client(options -> options.proxy(ClientProxy.socks5(socks)));
        fails(Kind.PROXY_REFUSED, ClientRequest.get("https://tls.test/"));
        assertEquals(0, client().statistics().connections());
    }

    @Test
    void aProxyThatHangsUpOrKeepsSilentIsToldToo() {
        CannedServer silent = new CannedServer((connection, request) -> {});
        String address = serve(silent).substring("http://".length());
        client(options -> options.proxy(ClientProxy.http(address)).headTimeout(SHORT));
        fails(Kind.PROXY_REFUSED, ClientRequest.get("https://tls.test/"));
        CannedServer rude = new CannedServer((connection, request) -> connection.close());
        String other = serve(rude).substring("http://".length());
        client(options -> options.proxy(ClientProxy.http(other)));
        fails(Kind.PROXY_REFUSED, ClientRequest.get("https://tls.test/"));
    }
}
