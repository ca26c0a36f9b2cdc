package dev.meerkat.examples.interop;

import dev.meerkat.EventManager;
import dev.meerkat.ListenOptions;
import dev.meerkat.http.HttpServer;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.tls.TlsOptions;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** The interop server, in this process, on ports of its own, with and without TLS. */
final class RunningServer implements AutoCloseable {
    private final EventManager manager = EventManager.create();
    private final TestCa ca = TestCa.create(Instant.now().truncatedTo(ChronoUnit.DAYS));
    private final int port;
    private final int tlsPort;

    RunningServer(@Nullable Path file) {
        port = manager.listen("http://127.0.0.1:0", HttpServer.handler(Interop.HTTP, HttpRoutes.create(file)))
                .port();
        ListenOptions secure = ListenOptions.builder()
                .tls(TlsOptions.server(ca.server("localhost", "127.0.0.1").identity()))
                .build();
        tlsPort = manager.listen(
                        "https://127.0.0.1:0", secure, HttpServer.handler(Interop.HTTP, HttpRoutes.create(file)))
                .port();
        manager.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    String secureUrl(String path) {
        return "https://localhost:" + tlsPort + path;
    }

    TestCa ca() {
        return ca;
    }

    @Override
    public void close() {
        manager.close();
    }
}
