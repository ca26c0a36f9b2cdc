package dev.meerkat.testkit.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.tls.TlsContexts;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.internal.tls.TlsEngine.State;
import dev.meerkat.internal.tls.TlsEngine.Stop;
import dev.meerkat.internal.tls.TlsFailure;
import dev.meerkat.internal.tls.TlsRecord;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The core of TLS by itself: two of them back to back, and what a peer may do wrong. No socket, no clock, no thread.
 */
class TlsEngineTest {
    private static final FakeClock CLOCK = new FakeClock();
    private static final TestCa CA = TestCa.create(CLOCK.wallTime());
    private static final TlsOptions SERVER =
            TlsOptions.server(CA.server("tls.test").identity());
    private static final TlsOptions CLIENT = TlsOptions.client(CA.trust());

    /** One end: an engine, what was opened, and the wire towards the other. */
    private static final class End {
        final SSLEngine jdk;
        final TlsEngine engine;
        final ByteArrayOutputStream opened = new ByteArrayOutputStream();
        final ByteArrayOutputStream wire = new ByteArrayOutputStream();
        ByteBuffer arrived = ByteBuffer.allocate(0);

        End(SSLEngine jdk) {
            this.jdk = jdk;
            this.engine = new TlsEngine(jdk);
        }

        /** Puts more ciphertext behind what it has not opened. */
        void arrive(byte[] bytes, int offset, int length) {
            arrived = ByteBuffer.allocate(arrived.remaining() + length)
                    .put(arrived)
                    .put(bytes, offset, length)
                    .flip();
        }

        /** Goes on until there is nothing to open and nothing to say; answers why opening stopped. */
        Stop run() throws TlsFailure {
            while (true) {
                if (engine.hasTasks()) {
                    engine.tasks().run();
                    engine.tasksDone();
                } else if (engine.wantsToSeal()) {
                    seal(new byte[0]);
                } else {
                    ByteBuffer target = ByteBuffer.allocate(4 * TlsRecord.MAX_BYTES);
                    Stop stop;
                    try {
                        stop = engine.open(arrived, target);
                    } finally {
                        opened.write(target.array(), 0, target.position());
                    }
                    if (stop == Stop.STARVED || stop == Stop.ENDED) {
                        return stop;
                    }
                }
            }
        }

        void seal(byte[] plaintext) throws TlsFailure {
            ByteBuffer[] sources = {ByteBuffer.wrap(plaintext)};
            ByteBuffer sealed = ByteBuffer.allocate(4 * TlsRecord.MAX_BYTES);
            Stop stop;
            do {
                stop = engine.seal(sources, 0, 1, sealed.clear());
                wire.write(sealed.array(), 0, sealed.position());
            } while (stop == Stop.FULL || (stop == Stop.SECURED && sources[0].hasRemaining()));
        }

        String text() {
            return opened.toString(StandardCharsets.US_ASCII);
        }
    }

    private final End server;
    private final End client;

    TlsEngineTest() {
        this.server = new End(TlsContexts.of(SERVER, CLOCK).serverEngine());
        this.client = new End(TlsContexts.of(CLIENT, CLOCK).clientEngine("tls.test", 443));
    }

    private void only(TlsVersion version) {
        server.jdk.setEnabledProtocols(new String[] {version.jdkName()});
    }

    /** Carries what either has said, in pieces of a size. */
    private void exchange(int piece) throws TlsFailure {
        client.run();
        server.run();
        while (client.wire.size() > 0 || server.wire.size() > 0) {
            carry(client, server, piece);
            carry(server, client, piece);
        }
    }

    private static void carry(End from, End to, int piece) throws TlsFailure {
        byte[] bytes = from.wire.toByteArray();
        from.wire.reset();
        for (int at = 0; at < bytes.length; at += piece) {
            to.arrive(bytes, at, Math.min(piece, bytes.length - at));
            Stop unused = to.run();
        }
    }

    private void shakeHands(TlsVersion version, int piece) throws TlsFailure {
        only(version);
        assertEquals(State.HANDSHAKING, client.engine.state());
        client.engine.begin();
        server.engine.begin();
        exchange(piece);
        assertEquals(State.OPEN, client.engine.state());
        assertEquals(State.OPEN, server.engine.state());
        assertEquals(version, client.engine.describe().version());
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return bytes;
    }

    // ---- what flows

    @ParameterizedTest
    @CsvSource({"TLS_1_2, 1", "TLS_1_2, 7", "TLS_1_2, 100000", "TLS_1_3, 1", "TLS_1_3, 7", "TLS_1_3, 100000"})
    void plaintextArrivesWhateverThePiecesAre(TlsVersion version, int piece) throws TlsFailure {
        shakeHands(version, piece);
        byte[] sent = pattern(40_000);
        client.seal(sent);
        exchange(piece);
        assertArrayEquals(sent, server.opened.toByteArray());
        server.seal("answer".getBytes(StandardCharsets.US_ASCII));
        exchange(piece);
        assertEquals("answer", client.text());
    }

    @ParameterizedTest
    @EnumSource
    void everyCutOfAHandshakeIsSurvived(TlsVersion version) throws TlsFailure {
        shakeHands(version, 100_000);
        for (int cut = 1; cut < 300; cut++) { // a first flight is longer than any later piece is interesting
            TlsEngineTest again = new TlsEngineTest();
            again.only(version);
            again.client.engine.begin();
            again.server.engine.begin();
            again.client.run();
            byte[] hello = again.client.wire.toByteArray();
            again.client.wire.reset();
            int at = Math.min(cut, hello.length);
            again.server.arrive(hello, 0, at);
            again.server.run();
            again.server.arrive(hello, at, hello.length - at);
            again.exchange(100_000);
            assertEquals(State.OPEN, again.server.engine.state(), "cut at " + cut);
        }
    }

    @ParameterizedTest
    @EnumSource
    void recordsOfOneByteAreRecords(TlsVersion version) throws TlsFailure {
        shakeHands(version, 100_000);
        for (char each : "every byte by itself".toCharArray()) {
            client.seal(new byte[] {(byte) each});
        }
        exchange(100_000);
        assertEquals("every byte by itself", server.text());
    }

    @Test
    void aFullTargetLeavesTheRecord() throws TlsFailure {
        shakeHands(TlsVersion.TLS_1_3, 100_000);
        client.seal(pattern(16_384));
        byte[] sealed = client.wire.toByteArray();
        server.arrive(sealed, 0, sealed.length);
        assertEquals(Stop.FULL, server.engine.open(server.arrived, ByteBuffer.allocate(16_383)));
        assertEquals(sealed.length, server.arrived.remaining());
        ByteBuffer target = ByteBuffer.allocate(TlsRecord.MAX_BYTES);
        assertEquals(Stop.STARVED, server.engine.open(server.arrived, target));
        assertEquals(16_384, target.position());
    }

    @Test
    void severalBuffersShareARecord() throws TlsFailure {
        shakeHands(TlsVersion.TLS_1_3, 100_000);
        ByteBuffer[] sources = new ByteBuffer[10];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = ByteBuffer.wrap(new byte[] {(byte) ('0' + i)});
        }
        ByteBuffer sealed = ByteBuffer.allocate(2 * TlsRecord.MAX_BYTES);
        assertEquals(Stop.STARVED, client.engine.seal(sources, 0, sources.length, sealed));
        assertEquals(sealed.position(), TlsRecord.length(sealed.flip()));
        server.arrive(sealed.array(), 0, sealed.limit());
        server.run();
        assertEquals("0123456789", server.text());
    }

    @Test
    void keysAreUpdatedOnTheWay() throws TlsFailure, SSLException {
        shakeHands(TlsVersion.TLS_1_3, 100_000);
        client.seal(new byte[] {'a'});
        client.jdk.beginHandshake(); // with TLS 1.3 that is a key update which asks for one in return
        client.engine.tasksDone();
        client.seal(new byte[] {'b'});
        exchange(100_000);
        server.seal(new byte[] {'c'});
        exchange(1);
        client.seal(new byte[] {'d'});
        exchange(1);
        assertEquals("abd", server.text());
        assertEquals("c", client.text());
        assertEquals(State.OPEN, client.engine.state());
    }

    // ---- how it ends

    @Test
    void eitherDirectionEndsForItself() throws TlsFailure {
        shakeHands(TlsVersion.TLS_1_3, 100_000);
        client.seal(new byte[] {'x'});
        client.engine.closeOutput();
        exchange(100_000);
        assertEquals("x", server.text());
        assertEquals(Stop.ENDED, server.run());
        assertEquals(State.CLOSING, server.engine.state());
        server.engine.transportEnded(); // no truncation
        server.seal("last words".getBytes(StandardCharsets.US_ASCII));
        exchange(100_000);
        assertEquals("last words", client.text());
        server.engine.closeOutput();
        exchange(100_000);
        assertEquals(State.CLOSED, server.engine.state());
        assertEquals(State.CLOSED, client.engine.state());
    }

    /** RFC 5246 §7.2.1: whoever hears close_notify answers with his own, and nothing else. */
    @Test
    void withTls12OneEndIsTheEndOfBothDirections() throws TlsFailure {
        shakeHands(TlsVersion.TLS_1_2, 100_000);
        client.seal(new byte[] {'x'});
        client.engine.closeOutput();
        exchange(100_000);
        exchange(100_000);
        assertEquals("x", server.text());
        assertEquals(State.CLOSED, server.engine.state());
        assertEquals(State.CLOSED, client.engine.state());
        ByteBuffer[] late = {ByteBuffer.wrap(new byte[1])};
        assertEquals(Stop.ENDED, server.engine.seal(late, 0, 1, ByteBuffer.allocate(TlsRecord.MAX_BYTES)));
    }

    @ParameterizedTest
    @EnumSource
    void anEndWithoutCloseNotifyIsATruncation(TlsVersion version) throws TlsFailure {
        shakeHands(version, 100_000);
        ConnectionError error =
                assertThrows(TlsFailure.class, client.engine::transportEnded).error();
        assertEquals(Kind.TLS_TRUNCATED, error.kind());
        assertEquals(ConnectionError.Fault.PEER, error.fault());
    }

    @Test
    void anEndInMidHandshakeIsOneToo() throws TlsFailure {
        client.engine.begin();
        client.run();
        assertEquals(
                Kind.TLS_TRUNCATED,
                assertThrows(TlsFailure.class, client.engine::transportEnded)
                        .error()
                        .kind());
    }

    // ---- what a peer may do wrong

    private static Kind heard(End end, String bytes) {
        return heard(end, bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Kind heard(End end, byte[] bytes) {
        end.arrive(bytes, 0, bytes.length);
        return assertThrows(TlsFailure.class, end::run).error().kind();
    }

    @Test
    void whatIsNoTlsIsNamed() throws TlsFailure {
        String[][] table = {
            {"GET / HTTP/1.1\r\n", "HTTP"},
            {"HTTP/1.1 400 Bad Request\r\n", "HTTP"},
            {"220 mail.example ESMTP\r\n", "plain text"},
            {"S", "plain text"},
            {"\u0000\u0001\u0002", "no TLS record"},
            {"\u0016GET", "no TLS record"},
            {"\u0080\u002e\u0001\u0003\u0001", "no TLS record"}, // the hello of SSL 2
        };
        for (String[] row : table) {
            TlsEngineTest fresh = new TlsEngineTest();
            fresh.server.engine.begin();
            byte[] bytes = row[0].getBytes(StandardCharsets.ISO_8859_1);
            fresh.server.arrive(bytes, 0, bytes.length);
            ConnectionError error =
                    assertThrows(TlsFailure.class, fresh.server::run).error();
            assertEquals(Kind.NOT_TLS, error.kind(), row[0]);
            assertTrue(error.message().contains(row[1]), error::message);
        }
    }

    @Test
    void aPeerThatBeginsWithoutAHandshakeIsToldOfInOurWords() throws TlsFailure {
        byte[][] records = {{20, 3, 3, 0, 1, 1}, {23, 3, 3, 0, 2, 'h', 'i'}, {20, 3, 3, 0, 1, 7}};
        String[] names = {"change_cipher_spec", "application_data", "change_cipher_spec"};
        for (int i = 0; i < records.length; i++) {
            TlsEngineTest fresh = new TlsEngineTest();
            fresh.server.engine.begin();
            fresh.server.arrive(records[i], 0, records[i].length);
            ConnectionError error =
                    assertThrows(TlsFailure.class, fresh.server::run).error();
            assertEquals(Kind.TLS_VIOLATION, error.kind());
            assertEquals(
                    "the peer broke a rule of TLS: it began with a record of " + names[i] + ", before any handshake",
                    error.message());
        }
        client.engine.begin();
        client.run();
        client.arrive(records[1], 0, records[1].length);
        ConnectionError error = assertThrows(TlsFailure.class, client::run).error();
        assertEquals(Kind.TLS_VIOLATION, error.kind());
        assertTrue(error.message().contains("it began with a record of application_data"), error::message);
    }

    @Test
    void theLongestRecordIsWaitedForAndNoLongerOne() throws TlsFailure {
        server.engine.begin();
        byte[] longest = {22, 3, 1, (byte) (18_432 >> 8), (byte) 18_432};
        server.arrive(longest, 0, longest.length);
        assertEquals(Stop.STARVED, server.run());
        client.engine.begin();
        client.run();
        byte[] tooLong = {22, 3, 1, (byte) (18_433 >> 8), (byte) 18_433};
        assertEquals(Kind.TLS_VIOLATION, heard(client, tooLong));
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedRecordIsAViolation(TlsVersion version) throws TlsFailure {
        shakeHands(version, 100_000);
        client.seal(pattern(100));
        byte[] sealed = client.wire.toByteArray();
        sealed[sealed.length - 1] ^= 1;
        assertEquals(Kind.TLS_VIOLATION, heard(server, sealed));
        assertEquals(0, server.opened.size());
    }

    @Test
    void plainTextInTheMiddleIsAViolation() throws TlsFailure {
        shakeHands(TlsVersion.TLS_1_3, 100_000);
        assertEquals(Kind.TLS_VIOLATION, heard(server, "GET / HTTP/1.1\r\n"));
    }

    /** OpenSSL does so when it dislikes a certificate before it has keys. */
    @Test
    void anAlertInClearIsUnderstoodInMidHandshake() throws TlsFailure {
        client.engine.begin();
        server.engine.begin();
        client.run();
        carry(client, server, 100_000);
        byte[] expired = {21, 3, 3, 0, 2, 2, 45};
        server.arrive(expired, 0, expired.length);
        ConnectionError error = assertThrows(TlsFailure.class, server::run).error();
        assertEquals(Kind.TLS_ALERT, error.kind());
        assertTrue(error.message().endsWith("certificate_expired"), error::message);
    }

    @Test
    void garbageNeverDoesMoreThanFail() throws TlsFailure {
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            TlsEngineTest fresh = new TlsEngineTest();
            fresh.client.engine.begin();
            fresh.server.engine.begin();
            fresh.client.run();
            byte[] hello = fresh.client.wire.toByteArray();
            for (int change = 0; change < 1 + i % 4; change++) {
                hello[random.nextInt(hello.length)] = (byte) random.nextInt(256);
            }
            fresh.server.arrive(hello, 0, hello.length);
            try {
                fresh.server.run();
            } catch (TlsFailure expected) {
                assertFalse(expected.error().message().isEmpty());
                assertTrue(
                        expected.error().fault() == ConnectionError.Fault.PEER,
                        () -> expected.error().toString());
            }
        }
    }

    @Test
    void renegotiationIsRefused() throws TlsFailure, SSLException {
        shakeHands(TlsVersion.TLS_1_2, 100_000);
        client.jdk.beginHandshake();
        client.engine.tasksDone();
        client.seal(new byte[0]);
        byte[] asked = client.wire.toByteArray();
        assertTrue(asked.length > 0);
        server.arrive(asked, 0, asked.length);
        ConnectionError error = assertThrows(TlsFailure.class, server::run).error();
        assertEquals(Kind.TLS_VIOLATION, error.kind());
        assertTrue(error.message().contains("renegotiation"), error::message);
    }

    @ParameterizedTest
    @EnumSource
    void aFailureIsToldToThePeerByItsAlert(TlsVersion version) throws TlsFailure {
        End stranger = new End(TlsContexts.of(
                        TlsOptions.server(TestCa.create(CLOCK.wallTime())
                                .server("tls.test")
                                .identity()),
                        CLOCK)
                .serverEngine());
        stranger.jdk.setEnabledProtocols(new String[] {version.jdkName()});
        client.engine.begin();
        stranger.engine.begin();
        client.run();
        carry(client, stranger, 100_000);
        ConnectionError error = assertThrows(TlsFailure.class, () -> {
                    while (stranger.wire.size() > 0) {
                        carry(stranger, client, 100_000);
                        carry(client, stranger, 100_000);
                    }
                })
                .error();
        assertEquals(Kind.CERTIFICATE_UNTRUSTED, error.kind());
        ByteBuffer alert = ByteBuffer.allocate(TlsRecord.MAX_BYTES);
        client.engine.sealAlert(alert);
        stranger.arrive(alert.array(), 0, alert.position());
        ConnectionError told = assertThrows(TlsFailure.class, stranger::run).error();
        assertEquals(Kind.TLS_ALERT, told.kind());
        assertTrue(told.message().contains("certificate_unknown"), told::message);
    }
}
