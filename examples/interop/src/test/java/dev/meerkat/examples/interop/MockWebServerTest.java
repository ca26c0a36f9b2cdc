package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.ConnectOptions;
import dev.meerkat.EventManager;
import dev.meerkat.event.Bytes;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.http.client.HttpClientOptions;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.tls.TlsOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Protocol;
import okio.Buffer;
import okio.GzipSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Our client against OkHttp's MockWebServer, which does on purpose what servers do when they fail. */
@Timeout(60)
class MockWebServerTest {
    private static final SocketEffect CUT = new SocketEffect.CloseSocket();

    private final EventManager manager = EventManager.create();
    private final MockWebServer server = new MockWebServer();
    private HttpClient client = HttpClient.create(manager);

    @BeforeEach
    void start() throws IOException {
        server.start(InetAddress.getByName("127.0.0.1"), 0);
        manager.start();
    }

    @AfterEach
    void stop() {
        manager.close();
        server.close();
    }

    private void use(UnaryOperator<HttpClientOptions.Builder> change) {
        client = HttpClient.create(
                manager, change.apply(HttpClientOptions.builder()).build());
    }

    private void enqueue(UnaryOperator<MockResponse.Builder> change) {
        server.enqueue(change.apply(new MockResponse.Builder()).build());
    }

    private String uri() {
        return server.url("/path?q=1").toString();
    }

    private ClientResponse send(ClientRequest request) throws Exception {
        return client.send(request).get(30, TimeUnit.SECONDS);
    }

    private ClientResponse get() throws Exception {
        return send(ClientRequest.get(uri()));
    }

    private void fails(Kind kind, ClientRequest request) {
        Throwable cause =
                assertThrows(ExecutionException.class, () -> send(request)).getCause();
        assertEquals(kind, assertInstanceOf(ClientException.class, cause).kind(), cause::toString);
    }

    private RecordedRequest taken() throws InterruptedException {
        RecordedRequest request = server.takeRequest(30, TimeUnit.SECONDS);
        assertNotNull(request, "a request");
        return request;
    }

    // ---- what is understood

    @Test
    void aRequestIsReadAsItWasMeant() throws Exception {
        enqueue(answer -> answer.code(201).addHeader("X-Made", "yes").body("made"));
        ClientResponse response =
                send(ClientRequest.post(uri(), ClientBody.json("{\"a\": 1}")).withHeader("X-Asked", "no"));
        assertEquals(201, response.status());
        assertEquals("made", response.text());
        assertEquals("yes", response.head().headers().first("X-Made").orElseThrow());
        RecordedRequest request = taken();
        assertNull(request.getFailure());
        assertEquals("POST /path?q=1 HTTP/1.1", request.getRequestLine());
        assertEquals("application/json", request.getHeaders().get("Content-Type"));
        assertEquals("no", request.getHeaders().get("X-Asked"));
        assertEquals(
                server.getHostName() + ":" + server.getPort(),
                request.getHeaders().get("Host"));
        assertEquals("{\"a\": 1}", request.getBody().utf8());
    }

    @Test
    void chunksAreThoseThatWereSent() throws Exception {
        enqueue(answer -> answer.body("thanks"));
        assertEquals(
                "thanks",
                send(ClientRequest.put(uri(), ClientBody.stream("text/plain", -1, () -> output -> {
                            output.send("one").send("three").end(); // without trailers, which this server does not read
                        })))
                        .text());
        RecordedRequest request = taken();
        assertEquals(List.of(3, 5), request.getChunkSizes());
        assertEquals("onethree", request.getBody().utf8());
    }

    @Test
    void chunksInterimResponsesAndPromptsAreUnderstood() throws Exception {
        enqueue(answer -> answer.chunkedBody("in pieces of two", 2)
                .trailers(okhttp3.Headers.of("X-Sum", "16"))
                .addInformationalResponse(new MockResponse.Builder()
                        .code(103)
                        .addHeader("Link", "</style.css>; rel=preload")
                        .build()));
        assertEquals("in pieces of two", get().text());
        enqueue(answer -> answer.add100Continue().body("got it"));
        assertEquals(
                "got it",
                send(ClientRequest.put(uri(), ClientBody.text("after 100")).expectingContinue())
                        .text());
        taken();
        RecordedRequest expecting = taken();
        assertEquals("100-continue", expecting.getHeaders().get("Expect"));
        assertEquals("after 100", expecting.getBody().utf8());
        assertEquals(0, expecting.getConnectionIndex());
        assertEquals(1, expecting.getExchangeIndex());
    }

    @Test
    void gzipIsAskedForAndUndone() throws Exception {
        String text = "again and again, ".repeat(10_000);
        Buffer packed = new Buffer();
        try (GzipSink sink = new GzipSink(packed)) {
            Buffer plain = new Buffer().writeUtf8(text);
            sink.write(plain, plain.size());
        }
        Bytes asItIs = Bytes.copyOf(packed.clone().readByteArray());
        enqueue(answer -> answer.addHeader("Content-Encoding", "gzip").body(packed.clone()));
        ClientResponse response = get();
        assertEquals(text, response.text());
        assertFalse(response.head().headers().contains("Content-Encoding"));
        assertEquals("gzip, deflate", taken().getHeaders().get("Accept-Encoding"));
        enqueue(answer -> answer.addHeader("Content-Encoding", "gzip").chunkedBody(packed.clone(), 100));
        assertEquals(text, get().text());
        enqueue(answer -> answer.addHeader("Content-Encoding", "gzip").body(packed.clone()));
        assertEquals(
                asItIs,
                send(ClientRequest.get(uri()).withHeader("Accept-Encoding", "gzip"))
                        .bytes(),
                "who asks himself");
    }

    // ---- TLS

    @Test
    void httpsWorksWithAServerThatIsTrusted() throws Exception {
        TestCa ca = TestCa.create(Instant.now());
        TestCertificate certificate = ca.server("127.0.0.1");
        try (MockWebServer secure = new MockWebServer()) {
            secure.useHttps(context(certificate).getSocketFactory());
            secure.setProtocols(List.of(Protocol.HTTP_1_1));
            secure.start(InetAddress.getByName("127.0.0.1"), 0);
            String uri = "https://127.0.0.1:" + secure.getPort() + "/";
            secure.enqueue(new MockResponse.Builder().body("secret").build());
            secure.enqueue(new MockResponse.Builder().body("secret").build());
            fails(Kind.CONNECT_FAILED, ClientRequest.get(uri)); // nobody knows this authority
            use(options -> options.connect(ConnectOptions.builder()
                    .tls(TlsOptions.builder().trust(ca.trust()).build())
                    .build()));
            assertEquals("secret", send(ClientRequest.get(uri)).text());
            assertEquals("secret", send(ClientRequest.get(uri)).text());
            secure.enqueue(new MockResponse.Builder()
                    .body("half of this")
                    .onResponseBody(CUT)
                    .build());
            fails(Kind.CONNECTION_LOST, ClientRequest.get(uri));
        }
    }

    private static SSLContext context(TestCertificate certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "key", certificate.key(), new char[0], certificate.chain().toArray(new Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    // ---- servers that fail

    @Test
    void whoIsCutOffBeforeTheAnswerTriesOnceMoreIfThatDoesNoHarm() throws Exception {
        enqueue(answer -> answer.body("first"));
        assertEquals("first", get().text());
        enqueue(answer -> answer.onResponseStart(CUT));
        enqueue(answer -> answer.body("second try"));
        assertEquals("second try", get().text());
        assertEquals(3, server.getRequestCount());
        enqueue(answer -> answer.onResponseStart(CUT));
        fails(Kind.CONNECTION_LOST, ClientRequest.post(uri(), ClientBody.text("once")));
        assertEquals(4, server.getRequestCount());
        enqueue(answer -> answer.onResponseStart(CUT));
        fails(Kind.CONNECTION_LOST, ClientRequest.get(uri())); // on a new connection: that is the server's word
        assertEquals(5, server.getRequestCount());
    }

    @Test
    void whoIsCutOffWithinTheBodyHasNoResponse() {
        for (boolean chunked : new boolean[] {false, true}) {
            enqueue(answer -> {
                MockResponse.Builder cut = answer.onResponseBody(CUT);
                return chunked ? cut.chunkedBody("x".repeat(100_000), 1_000) : cut.body("x".repeat(100_000));
            });
            fails(Kind.CONNECTION_LOST, ClientRequest.get(uri()));
        }
        assertEquals(2, server.getRequestCount());
    }

    @Test
    void whoIsCutOffWhileSendingIsTold() {
        enqueue(answer -> answer.onRequestBody(CUT));
        fails(
                Kind.CONNECTION_LOST,
                ClientRequest.post(
                        uri(), ClientBody.bytes("application/octet-stream", Bytes.copyOf(new byte[8 << 20]))));
    }

    @Test
    void aConnectionThatEndsBehindAnAnswerIsReplaced() throws Exception {
        for (int i = 0; i < 5; i++) {
            int number = i;
            enqueue(answer -> answer.body("number " + number).onResponseEnd(SocketEffect.ShutdownConnection.INSTANCE));
            assertEquals("number " + i, get().text());
            assertEquals(i, taken().getConnectionIndex());
        }
    }

    @Test
    void whoNeverAnswersIsNotWaitedForForever() throws Exception {
        use(options -> options.headTimeout(Duration.ofMillis(100)).idleTimeout(Duration.ofMillis(100)));
        enqueue(answer -> answer.onResponseStart(SocketEffect.Stall.INSTANCE));
        fails(Kind.HEAD_TIMEOUT, ClientRequest.get(uri()));
        enqueue(answer -> answer.body("x".repeat(100_000)).onResponseBody(SocketEffect.Stall.INSTANCE));
        fails(Kind.BODY_TIMEOUT, ClientRequest.get(uri()));
    }

    @Test
    void whoNeverReadsIsNotWaitedForForever() {
        use(options -> options.idleTimeout(Duration.ofMillis(100)));
        enqueue(answer -> answer.onRequestBody(SocketEffect.Stall.INSTANCE));
        fails(
                Kind.SEND_TIMEOUT,
                ClientRequest.post(
                        uri(), ClientBody.bytes("application/octet-stream", Bytes.copyOf(new byte[64 << 20]))));
    }

    @Test
    void aHandshakeThatFailsIsAFailedConnect() throws Exception {
        try (MockWebServer failing = new MockWebServer()) {
            failing.useHttps(
                    context(TestCa.create(Instant.now()).server("127.0.0.1")).getSocketFactory());
            failing.enqueue(new MockResponse.Builder().failHandshake().build());
            failing.start(InetAddress.getByName("127.0.0.1"), 0);
            fails(Kind.CONNECT_FAILED, ClientRequest.get("https://127.0.0.1:" + failing.getPort() + "/"));
        }
    }
}
