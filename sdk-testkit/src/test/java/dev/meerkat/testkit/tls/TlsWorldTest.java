package dev.meerkat.testkit.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.Chunks;
import dev.meerkat.testkit.SimConfig;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.capture.Captures;
import dev.meerkat.testkit.capture.Stream;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS over virtual bytes, with certificates on virtual time: cut, reset, chopped up, expired by the clock. */
class TlsWorldTest {
    private static final int PORT = 443;
    private static final String QUESTION = "hello";

    /** What one end has heard. */
    private static class Log implements Handler {
        final List<Event> events = new ArrayList<>();
        final StringBuilder text = new StringBuilder();

        @Override
        public void onEvent(Connection connection, Event event) {
            events.add(event);
            if (event instanceof TcpEvent.Received received) {
                text.append(received.takeText());
            }
        }

        <E extends Event> List<E> all(Class<E> kind) {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        boolean isClosed() {
            return !all(TcpEvent.Closed.class).isEmpty();
        }

        ConnectionError error() {
            return all(TcpEvent.Closed.class).get(0).reason().error().orElseThrow();
        }
    }

    /** A world with an encrypted echo and a client that asks it. */
    private static final class Scene {
        final SimWorld world;
        final TestCa ca;
        final Log client = new Log() {
            @Override
            public void onEvent(Connection connection, Event event) {
                super.onEvent(connection, event);
                if (event instanceof TcpEvent.Opened) {
                    connection.send(QUESTION);
                } else if (event instanceof TcpEvent.Received) {
                    connection.close();
                }
            }
        };
        final Log server = new Log() {
            @Override
            public void onEvent(Connection connection, Event event) {
                super.onEvent(connection, event);
                if (event instanceof TcpEvent.Received) {
                    connection.send(QUESTION);
                }
            }
        };

        Scene(SimWorld world, TlsVersion version) {
            this.world = world;
            this.ca = TestCa.create(world.clock().wallTime());
            TlsOptions serving = TlsOptions.server(ca.server("srv").identity()).toBuilder()
                    .versions(version)
                    .build();
            world.host("srv")
                    .manager()
                    .listen(
                            "tls://:" + PORT,
                            ListenOptions.builder().tls(serving).build(),
                            server);
        }

        void connect() {
            world.host("cli")
                    .connect(
                            "tls://srv:" + PORT,
                            ConnectOptions.builder()
                                    .tls(TlsOptions.client(ca.trust()))
                                    .build(),
                            client);
        }

        void untilOver() {
            world.await("the end", client::isClosed);
            world.advance(Duration.ofMinutes(1));
        }
    }

    private static long play(SimConfig config, TlsVersion version, Consumer<SimWorld> change, Consumer<Scene> check) {
        long[] hash = new long[1];
        SimWorld.run(config, world -> {
            Scene scene = new Scene(world, version);
            change.accept(world);
            scene.connect();
            scene.untilOver();
            check.accept(scene);
            hash[0] = world.hash();
        });
        return hash[0];
    }

    private static void isFine(Scene scene) {
        assertEquals(QUESTION, scene.client.text.toString());
        assertEquals(QUESTION, scene.server.text.toString());
        assertTrue(scene.client.all(TcpEvent.Closed.class).get(0).reason().isClean());
        assertTrue(scene.server.all(TcpEvent.Closed.class).get(0).reason().isClean());
    }

    @ParameterizedTest
    @EnumSource
    void chunksOfAByteMakeNoDifference(TlsVersion version) {
        play(
                SimConfig.DEFAULT,
                version,
                world -> world.link("cli", "srv").chunks(Chunks.oneByte()).partialWrites(Chunks.oneByte()),
                TlsWorldTest::isFine);
    }

    @ParameterizedTest
    @EnumSource
    void aResetAnywhereIsToldOnceToEitherSide(TlsVersion version) {
        for (long cut = 1; cut < 2600; cut += 37) {
            long at = cut;
            play(SimConfig.DEFAULT, version, world -> world.link("cli", "srv").resetAfter(at), scene -> {
                assertEquals(1, scene.client.all(TcpEvent.Closed.class).size(), "client, cut at " + at);
                assertTrue(scene.client.all(TcpEvent.ConnectFailed.class).size() <= 1);
                assertTrue(scene.server.all(TcpEvent.Closed.class).size() <= 1, "server, cut at " + at);
                assertEquals(
                        scene.server.all(TcpEvent.Closed.class).size(),
                        scene.server.all(TcpEvent.HandshakeFailed.class).size()
                                + scene.server.all(TcpEvent.Opened.class).size());
            });
        }
    }

    /** With Ed25519 a handshake has the same records every time: one run tells where they end. */
    @ParameterizedTest
    @EnumSource
    void aResetAfterAnyRecordIsToldOnceToEitherSide(TlsVersion version) {
        Path file = Captures.file("tls-records-" + version);
        play(SimConfig.DEFAULT, version, world -> world.capture(file), TlsWorldTest::isFine);
        Stream whole = Captures.read(file).streams().get(0);
        List<Integer> asked = endsOfRecords(whole.fromClient());
        List<Integer> answered = endsOfRecords(whole.fromServer());
        assertTrue(asked.size() >= 4 && answered.size() >= 4, asked + " and " + answered);
        for (int end : asked) {
            resetAfterRecord(version, "cli", "srv", end);
        }
        for (int end : answered) {
            resetAfterRecord(version, "srv", "cli", end);
        }
    }

    private static List<Integer> endsOfRecords(byte[] bytes) {
        List<Integer> ends = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            at += 5 + (Byte.toUnsignedInt(bytes[at + 3]) << 8 | Byte.toUnsignedInt(bytes[at + 4]));
            ends.add(at);
        }
        assertEquals(bytes.length, at, "whole records");
        return ends;
    }

    private static void resetAfterRecord(TlsVersion version, String from, String to, int end) {
        String where = version + ", " + from + " after " + end;
        play(SimConfig.DEFAULT, version, world -> world.oneWay(from, to).resetAfter(end), scene -> {
            for (Log log : List.of(scene.client, scene.server)) {
                assertEquals(1, log.all(TcpEvent.Closed.class).size(), where);
                int opened = log.all(TcpEvent.Opened.class).size();
                int failed = log.all(TcpEvent.ConnectFailed.class).size()
                        + log.all(TcpEvent.HandshakeFailed.class).size();
                assertEquals(1, opened + failed, where + ": " + log.events);
                CloseReason reason = log.all(TcpEvent.Closed.class).get(0).reason();
                assertTrue(opened == 1 || !reason.isClean(), where + ": " + reason);
                reason.error().ifPresent(error -> assertEquals(Kind.RESET, error.kind(), where + ": " + error));
            }
            assertEquals(0, scene.world.host("srv").manager().connections().size(), where);
        });
    }

    /** The wall clock is the world's: no certificate is waited for. */
    @Test
    void aCertificateExpiresByTheVirtualClock() {
        SimWorld.run(SimConfig.DEFAULT, world -> {
            Scene scene = new Scene(world, TlsVersion.TLS_1_3);
            world.clock().setWallTime(world.clock().wallTime().plus(Duration.ofDays(400)));
            scene.connect();
            scene.untilOver();
            assertEquals(Kind.CERTIFICATE_EXPIRED, scene.client.error().kind());
            assertEquals(Kind.TLS_ALERT, scene.server.error().kind());
            assertTrue(scene.server.error().message().contains("certificate_"), scene.server.error()::message);
        });
    }

    @Test
    void aClockThatIsSlowFindsACertificateNotValidYet() {
        SimWorld.run(SimConfig.DEFAULT, world -> {
            Scene scene = new Scene(world, TlsVersion.TLS_1_3);
            world.clock().setWallTime(world.clock().wallTime().minus(Duration.ofDays(2)));
            scene.connect();
            scene.untilOver();
            assertEquals(Kind.CERTIFICATE_NOT_YET_VALID, scene.client.error().kind());
        });
    }

    /** Ciphertext is never twice the same, but what the trace knows of it is. */
    @ParameterizedTest
    @EnumSource
    void theSameSeedIsTheSameRun(TlsVersion version) {
        SimConfig config = SimConfig.builder().seed(5).explore(true).build();
        Consumer<SimWorld> link = world -> world.link("cli", "srv")
                .latency(Duration.ofMillis(5), Duration.ofMillis(80))
                .chunks(Chunks.random());
        long first = play(config, version, link, TlsWorldTest::isFine);
        for (int i = 0; i < 10; i++) {
            assertEquals(first, play(config, version, link, TlsWorldTest::isFine));
        }
        SimConfig other = SimConfig.builder().seed(6).explore(true).build();
        assertNotEquals(first, play(other, version, link, TlsWorldTest::isFine));
    }

    @Test
    void theTraceShowsTypesAndLengthsOfRecordsOnly() {
        SimWorld.run(SimConfig.DEFAULT, world -> {
            Scene scene = new Scene(world, TlsVersion.TLS_1_3);
            scene.connect();
            scene.untilOver();
            assertTrue(world.trace().stream().anyMatch(line -> line.contains("write tls")), world.trace()::toString);
            assertTrue(
                    world.trace().stream().noneMatch(line -> line.matches(".* write \\d.*")), world.trace()::toString);
        });
    }

    /** A client's Finished and its question, a server's ticket and its answer: one packet each. */
    @Test
    void theEndOfAHandshakeLeavesWithWhatIsSentInTheSameTurn() {
        SimWorld.run(SimConfig.DEFAULT, world -> {
            Scene scene = new Scene(world, TlsVersion.TLS_1_3);
            scene.connect();
            scene.untilOver();
            // hello; change_cipher_spec; Finished with the question; close_notify
            assertEquals(4, writes(world, "cli"), world.trace()::toString);
            // the server's half of the handshake; ticket with the answer; close_notify
            assertEquals(3, writes(world, "srv"), world.trace()::toString);
        });
    }

    private static long writes(SimWorld world, String host) {
        return world.trace().stream()
                .filter(line -> line.contains(host + "/") && line.contains("write tls"))
                .count();
    }

    /** The other side of it: nothing is sent, and it leaves all the same. */
    @Test
    void theEndOfAHandshakeLeavesInItsTurnIfNothingIsSent() {
        SimWorld.run(SimConfig.DEFAULT, world -> {
            Scene scene = new Scene(world, TlsVersion.TLS_1_3);
            Log silent = new Log();
            world.host("cli")
                    .connect(
                            "tls://srv:" + PORT,
                            ConnectOptions.builder()
                                    .tls(TlsOptions.client(scene.ca.trust()))
                                    .build(),
                            silent);
            world.await("both", () -> !scene.server.all(TcpEvent.Opened.class).isEmpty());
            assertEquals(1, silent.all(TcpEvent.Opened.class).size());
            assertEquals(3, writes(world, "cli"), world.trace()::toString);
            world.advance(Duration.ofMinutes(1));
            assertEquals(2, writes(world, "srv"), world.trace()::toString);
        });
    }
}
