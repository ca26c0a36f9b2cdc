package dev.meerkat.testkit.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ListenOptions;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.tls.TlsContexts;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.StreamEnd;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** What a peer may ask for without end. */
class TlsFloodTest {
    private static final int PORT = 443;
    /** More answers than the buffers of both sockets hold. */
    private static final int UPDATES = 30_000;

    /** A client by hand, at the end of a raw connection. */
    private static final class Client {
        private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

        private final SimWorld world;
        private final StreamEnd raw;
        private final SSLEngine engine;
        private final ByteBuffer record = ByteBuffer.allocate(1 << 15);
        private final ByteBuffer plain = ByteBuffer.allocate(1 << 15);
        private ByteBuffer arrived = NOTHING;
        private final StringBuilder text = new StringBuilder();

        Client(SimWorld world, StreamEnd raw, SSLEngine engine) throws SSLException {
            this.world = world;
            this.raw = raw;
            this.engine = engine;
            engine.beginHandshake();
        }

        byte[] seal(String plaintext) throws SSLException {
            engine.wrap(ByteBuffer.wrap(plaintext.getBytes(StandardCharsets.US_ASCII)), record.clear());
            byte[] bytes = new byte[record.flip().remaining()];
            record.get(bytes);
            return bytes;
        }

        /** Says and hears until there is nothing more to hear. */
        void converse() throws SSLException {
            for (boolean more = true; more; ) {
                more = step();
            }
        }

        private boolean step() throws SSLException {
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
                return true;
            }
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                raw.send(seal(""));
                return true;
            }
            if (arrived.hasRemaining()) {
                int before = arrived.remaining();
                engine.unwrap(arrived, plain.clear());
                text.append(StandardCharsets.US_ASCII.decode(plain.flip()));
                if (arrived.remaining() < before) {
                    return true;
                }
            }
            world.advance(Duration.ofMillis(1));
            byte[] more = raw.take().toByteArray();
            arrived = ByteBuffer.allocate(arrived.remaining() + more.length)
                    .put(arrived)
                    .put(more)
                    .flip();
            return more.length > 0;
        }
    }

    @Test
    void whoAsksForAnswersAndReadsNoneIsNotReadEither() {
        SimWorld.run(world -> {
            TestCa ca = TestCa.create(world.clock().wallTime());
            TlsOptions serving = TlsOptions.server(ca.server("srv").identity()).toBuilder()
                    .versions(TlsVersion.TLS_1_3)
                    .build();
            world.host("srv")
                    .manager()
                    .listen(
                            "tls://:" + PORT,
                            ListenOptions.builder().tls(serving).build(),
                            (connection, event) -> {
                                if (event instanceof TcpEvent.Received received) {
                                    connection.send(received.take());
                                }
                            });
            StreamEnd raw = world.host("cli").stream("srv", PORT);
            Client client = new Client(
                    world,
                    raw,
                    TlsContexts.of(TlsOptions.client(ca.trust()), world.clock()).clientEngine("srv", PORT));
            client.converse();
            raw.pauseReading();
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            for (int i = 0; i < UPDATES; i++) {
                client.engine
                        .beginHandshake(); // after the handshake: an update of the keys, with one of theirs asked for
                flood.writeBytes(client.seal(""));
            }
            raw.send(flood.toByteArray());
            world.advance(Duration.ofMillis(1));
            assertTrue(raw.pendingBytes() > 0, "all " + flood.size() + " bytes were read, and their answers kept");

            raw.resumeReading();
            raw.send(client.seal("hello"));
            client.converse();
            assertEquals("hello", client.text.toString());
        });
    }
}
