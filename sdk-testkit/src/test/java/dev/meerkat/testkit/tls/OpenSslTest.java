package dev.meerkat.testkit.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.tls.ClientAuth;
import dev.meerkat.tls.HandshakeTasks;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With {@code openssl s_client} and {@code s_server}, which nobody here has written. */
@Timeout(120)
class OpenSslTest {
    private static final String NAME = "tls.test";
    private static final Pattern ACCEPT = Pattern.compile("ACCEPT .*:(\\d+)\\s");

    @TempDir
    Path folder;

    private final TestCa ca = TestCa.create(Instant.now());
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private EventManager manager;

    @BeforeEach
    void start() throws IOException {
        manager = EventManager.create().start();
        Files.writeString(folder.resolve("ca.pem"), ca.pem());
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    private final class Echo implements Handler {
        @Override
        public void onEvent(Connection connection, Event event) {
            if (event instanceof TcpEvent.Received received) {
                texts.add(received.buffer().view().remaining() + "");
                connection.send(received.buffer());
            } else {
                events.add(event);
            }
        }
    }

    private Acceptor serve(TlsOptions options) {
        return manager.submit(() -> manager.listen(
                        "tls://127.0.0.1:0",
                        ListenOptions.builder().tls(options).build(),
                        new Echo()))
                .join();
    }

    private <E extends Event> E next(Class<E> kind) {
        try {
            while (true) {
                Event event = events.poll(30, TimeUnit.SECONDS);
                if (event == null) {
                    return fail("no " + kind.getSimpleName() + " comes");
                }
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private ConnectionError nextError() {
        return next(TcpEvent.Closed.class).reason().error().orElseThrow();
    }

    private OpenSsl client(Acceptor acceptor, String... more) {
        String[] fixed = {
            "s_client",
            "-connect",
            "127.0.0.1:" + acceptor.port(),
            "-servername",
            NAME,
            "-CAfile",
            folder.resolve("ca.pem").toString(),
            "-verify_return_error",
            "-verify_hostname",
            NAME
        };
        String[] all = Arrays.copyOf(fixed, fixed.length + more.length);
        System.arraycopy(more, 0, all, fixed.length, more.length);
        return OpenSsl.start(all);
    }

    private static String option(TlsVersion version) {
        return version == TlsVersion.TLS_1_2 ? "-tls1_2" : "-tls1_3";
    }

    // ---- they connect

    @ParameterizedTest
    @EnumSource
    void itsClientIsAnsweredAndEndsCleanly(TlsVersion version) {
        Acceptor acceptor = serve(TlsOptions.server(ca.server(NAME).identity()));
        try (OpenSsl client = client(acceptor, option(version), "-quiet", "-no_ign_eof")) {
            client.type("Guten Tag\n").until("Guten Tag");
            client.endInput();
            assertTrue(next(TcpEvent.Closed.class).reason().isClean());
        }
    }

    @Test
    void itsClientSpeaksTheApplicationProtocolThatWasAgreedOn() {
        Acceptor acceptor = serve(TlsOptions.server(ca.server(NAME).identity()).toBuilder()
                .applicationProtocols("two", "one")
                .build());
        try (OpenSsl client = client(acceptor, "-alpn", "one,two")) {
            client.until("ALPN protocol: two").until("Verify return code: 0 (ok)");
        }
    }

    @Test
    void itsClientUpdatesKeys() {
        Acceptor acceptor = serve(TlsOptions.server(ca.server(NAME).identity()));
        try (OpenSsl client = client(acceptor, "-tls1_3")) {
            client.until("Verify return code: 0 (ok)");
            client.type("K\n").until("KEYUPDATE"); // with an update of ours asked for
            client.type("after the update\n").until("after the update");
        }
    }

    @Test
    void itsClientMayNotRenegotiate() {
        Acceptor acceptor = serve(TlsOptions.server(ca.server(NAME).identity()));
        try (OpenSsl client = client(acceptor, "-tls1_2")) {
            client.until("Verify return code: 0 (ok)");
            client.type("R\n");
            ConnectionError error = nextError();
            assertEquals(Kind.TLS_VIOLATION, error.kind());
            assertTrue(error.message().contains("renegotiation"), error::message);
        }
    }

    @Test
    void itsClientHasToShowACertificate() throws IOException {
        Acceptor acceptor = serve(TlsOptions.server(ca.server(NAME).identity()).toBuilder()
                .clientAuth(ClientAuth.REQUIRED)
                .trust(ca.trust())
                .build());
        try (OpenSsl without = client(acceptor, "-tls1_3")) {
            assertEquals(Kind.CERTIFICATE_MISSING, nextError().kind());
            without.until("alert"); // certificate required
        }
        TestCertificate somebody = ca.client("somebody");
        Path pem = Files.writeString(folder.resolve("client.pem"), somebody.pem());
        try (OpenSsl with = client(acceptor, "-quiet", "-cert", pem.toString(), "-key", pem.toString())) {
            with.type("me\n").until("me");
        }
    }

    /** With certificates of both, so that every kind of task runs. */
    @ParameterizedTest
    @EnumSource
    void itsClientIsAnsweredWhereverTheTasksRun(HandshakeTasks where) throws IOException {
        Acceptor acceptor = serve(TlsOptions.server(ca.server(NAME).identity()).toBuilder()
                .clientAuth(ClientAuth.REQUIRED)
                .trust(ca.trust())
                .handshakeTasks(where)
                .build());
        String pem = Files.writeString(
                        folder.resolve("client.pem"), ca.client("somebody").pem())
                .toString();
        for (TlsVersion version : TlsVersion.values()) {
            try (OpenSsl client =
                    client(acceptor, option(version), "-quiet", "-no_ign_eof", "-cert", pem, "-key", pem)) {
                client.type("Guten Tag\n").until("Guten Tag");
                client.endInput();
                assertTrue(next(TcpEvent.Closed.class).reason().isClean());
            }
        }
    }

    @Test
    void itsClientTellsWhatItFindsWrong() {
        Acceptor acceptor = serve(TlsOptions.server(ca.expired(NAME).identity()));
        try (OpenSsl client = client(acceptor, "-tls1_3")) {
            ConnectionError error = nextError();
            assertEquals(Kind.TLS_ALERT, error.kind(), error::message);
            assertTrue(error.message().contains("certificate_expired"), error::message);
            assertFalse(client.exitCode() == 0);
        }
    }

    // ---- we connect

    /** The port that it has taken: it prints {@code ACCEPT 127.0.0.1:port}. */
    private static int portOf(OpenSsl server) {
        Matcher line = ACCEPT.matcher(server.until("ACCEPT ").printed());
        while (!line.find()) {
            server.until("\n");
            line = ACCEPT.matcher(server.printed());
        }
        return Integer.parseInt(line.group(1));
    }

    private OpenSsl server(TestCertificate certificate, String... more) throws IOException {
        Path pem = Files.writeString(folder.resolve("server.pem"), certificate.pem());
        String[] fixed = {
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-cert",
            pem.toString(),
            "-key",
            pem.toString(),
            "-cert_chain",
            pem.toString()
        };
        String[] all = Arrays.copyOf(fixed, fixed.length + more.length);
        System.arraycopy(more, 0, all, fixed.length, more.length);
        return OpenSsl.start(all);
    }

    private void connect(int port, TlsOptions options) {
        manager.submit(() -> manager.connect(
                        "tls://127.0.0.1:" + port,
                        ConnectOptions.builder().tls(options).build(),
                        (connection, event) -> {
                            if (event instanceof TcpEvent.Opened) {
                                connection.send("Guten Tag\n");
                            } else if (event instanceof TcpEvent.Received received) {
                                texts.add(received.takeText());
                            }
                            events.add(event);
                        }))
                .join();
    }

    private TlsOptions client() {
        return TlsOptions.client(ca.trust()).toBuilder().serverName(NAME).build();
    }

    @ParameterizedTest
    @EnumSource
    void itsServerAnswersAndEndsCleanly(TlsVersion version) throws Exception {
        try (OpenSsl server = server(ca.server(NAME), option(version), "-rev")) {
            connect(portOf(server), client());
            next(TcpEvent.Opened.class);
            assertEquals("gaT netuG\n", Objects.requireNonNull(texts.poll(30, TimeUnit.SECONDS)));
            manager.submit(() -> {
                        manager.connections().forEach(Connection::close);
                        return true;
                    })
                    .join();
            assertTrue(next(TcpEvent.Closed.class).reason().isClean());
            assertFalse(server.printed().contains("rror"), server::printed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void itsServerAnswersWhereverTheTasksRun(HandshakeTasks where) throws Exception {
        for (TlsVersion version : TlsVersion.values()) {
            try (OpenSsl server = server(ca.server(NAME), option(version), "-rev")) {
                connect(
                        portOf(server),
                        client().toBuilder().handshakeTasks(where).build());
                assertEquals("gaT netuG\n", Objects.requireNonNull(texts.poll(30, TimeUnit.SECONDS)));
            }
        }
    }

    @Test
    void itsServerIsRefusedIfItIsAnother() throws IOException {
        try (OpenSsl server = server(ca.wrongHost())) {
            connect(portOf(server), client());
            assertEquals(Kind.CERTIFICATE_WRONG_HOST, nextError().kind());
            server.until("alert certificate unknown");
        }
    }
}
