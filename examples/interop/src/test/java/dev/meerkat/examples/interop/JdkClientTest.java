package dev.meerkat.examples.interop;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The client of the JDK. */
class JdkClientTest extends ClientRules {
    private @Nullable HttpClient client;

    static SSLContext trusting(RunningServer running) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", running.ca().certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Override
    void startClient(RunningServer running) throws Exception {
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(trusting(running))
                .connectTimeout(Duration.ofSeconds(20))
                .build();
    }

    @Override
    void stopClient() {
        client = null; // it has no end of its own before JDK 21
    }

    @Override
    Answer call(String method, String url, Map<String, String> headers, byte @Nullable [] body, Framing framing)
            throws Exception {
        BodyPublisher publisher = body == null
                ? BodyPublishers.noBody()
                : framing == Framing.CHUNKED
                        ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))
                        : BodyPublishers.ofByteArray(body);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(30))
                .expectContinue(framing == Framing.AFTER_100)
                .method(method, publisher);
        headers.forEach(request::header);
        HttpClient running = client;
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        HttpResponse<byte[]> response = running.send(request.build(), BodyHandlers.ofByteArray());
        Map<String, String> received = new HashMap<>();
        response.headers().map().forEach((name, values) -> received.put(name, String.join(", ", values)));
        return new Answer(response.statusCode(), received, response.body());
    }
}
