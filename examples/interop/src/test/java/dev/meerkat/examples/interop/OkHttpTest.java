package dev.meerkat.examples.interop;

import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/** OkHttp, as it comes. */
class OkHttpTest extends ClientRules {
    private @Nullable OkHttpClient client;

    @Override
    void startClient(RunningServer running) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", running.ca().certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        client = new OkHttpClient.Builder()
                .protocols(List.of(Protocol.HTTP_1_1))
                .sslSocketFactory(JdkClientTest.trusting(running).getSocketFactory(), (X509TrustManager)
                        trust.getTrustManagers()[0])
                .callTimeout(Duration.ofSeconds(30))
                .build();
    }

    @Override
    void stopClient() {
        client().dispatcher().executorService().shutdown();
        client().connectionPool().evictAll();
    }

    @Override
    Answer call(String method, String url, Map<String, String> headers, byte @Nullable [] body, Framing framing)
            throws Exception {
        Request.Builder request = new Request.Builder().url(url).headers(Headers.of(headers));
        if (framing == Framing.AFTER_100) {
            request.header("Expect", "100-continue");
        }
        String type = headers.get("Content-Type");
        request.method(
                method, body == null ? null : new Content(type == null ? null : MediaType.get(type), body, framing));
        try (Response response = client().newCall(request.build()).execute()) {
            Map<String, String> received = new HashMap<>();
            response.headers().forEach(pair -> received.put(pair.getFirst(), pair.getSecond()));
            return new Answer(response.code(), received, response.body().bytes());
        }
    }

    private OkHttpClient client() {
        OkHttpClient running = client;
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running;
    }

    private static final class Content extends RequestBody {
        private final @Nullable MediaType type;
        private final byte[] body;
        private final Framing framing;

        Content(@Nullable MediaType type, byte[] body, Framing framing) {
            this.type = type;
            this.body = body;
            this.framing = framing;
        }

        @Override
        public @Nullable MediaType contentType() {
            return type;
        }

        @Override
        public long contentLength() {
            return framing == Framing.CHUNKED ? -1 : body.length;
        }

        @Override
        public void writeTo(BufferedSink sink) throws java.io.IOException {
            sink.write(body);
        }
    }
}
