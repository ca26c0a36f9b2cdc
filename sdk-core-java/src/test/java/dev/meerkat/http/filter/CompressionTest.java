package dev.meerkat.http.filter;

import static dev.meerkat.http.filter.FakePeer.field;
import static dev.meerkat.http.filter.FakePeer.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseBody;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    private static final String LONG = "a meerkat stands on its hill and looks. ".repeat(1_000);

    private final FakePeer peer;

    CompressionTest() throws Exception {
        peer = FakePeer.plain();
    }

    private static String decoded(byte[] bytes, String coding) throws IOException {
        InputStream raw = new ByteArrayInputStream(bytes);
        try (InputStream input = coding.equals("gzip") ? new GZIPInputStream(raw) : new InflaterInputStream(raw)) {
            return new String(input.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Response ask(Response answer, String... headers) throws Exception {
        return peer.ask(HttpHandler.of(request -> answer).with(Compression.create()), "GET", "/", headers);
    }

    private boolean isCompressed(Response answer, String... headers) throws Exception {
        return ask(answer, headers).headers().contains("Content-Encoding");
    }

    @ParameterizedTest
    @CsvSource({"gzip, gzip", "deflate, deflate", "'deflate, gzip', gzip", "'br, gzip;q=0.5', gzip"})
    void aBodyIsCompressedAsThePeerLikesIt(String accept, String coding) throws Exception {
        Response response = ask(
                Response.text(LONG).withHeader("ETag", "\"1\"").withHeader("Accept-Ranges", "bytes"),
                "Accept-Encoding",
                accept);
        assertEquals(coding, field(response, "Content-Encoding"));
        assertEquals("Accept-Encoding", field(response, "Vary"));
        assertEquals("W/\"1\"", field(response, "ETag"));
        assertEquals("", field(response, "Accept-Ranges"));
        byte[] bytes = ((ResponseBody.Whole) response.body()).bytes().toByteArray();
        assertTrue(bytes.length < 400, () -> "" + bytes.length);
        assertEquals(LONG, decoded(bytes, coding));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "br", "gzip;q=0", "identity", "*;q=0"})
    void whoDoesNotTakeItIsSpared(String accept) throws Exception {
        Response response = ask(Response.text(LONG).withHeader("ETag", "\"1\""), "Accept-Encoding", accept);
        assertEquals(LONG, text(response));
        assertEquals("Accept-Encoding", field(response, "Vary"));
        assertEquals("\"1\"", field(response, "ETag"));
    }

    @Test
    void theThresholdIsTheFirstLengthThatIsCompressed() throws Exception {
        String[] gzip = {"Accept-Encoding", "gzip"};
        assertFalse(isCompressed(Response.text("x".repeat(1_023)), gzip));
        assertTrue(isCompressed(Response.text("x".repeat(1_024)), gzip));
        assertEquals("", field(ask(Response.text("x".repeat(1_023)), gzip), "Vary"));
        assertFalse(isCompressed(Response.stream("text/plain", 1_023, () -> output -> {}), gzip));
        assertTrue(isCompressed(Response.stream("text/plain", 1_024, () -> output -> {}), gzip));
        assertTrue(isCompressed(Response.stream("text/plain", () -> output -> {}), gzip));
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain, true",
        "TEXT/HTML; charset=utf-8, true",
        "application/json, true",
        "application/problem+json, true",
        "image/svg+xml, true",
        "image/png, false",
        "application/octet-stream, false",
        "video/mp4, false",
        "text/event-stream, false",
        "nonsense, false",
        "'', false"
    })
    void typesThatDoNotBecomeSmallerAreLeftAlone(String type, boolean compressed) throws Exception {
        assertEquals(compressed, isCompressed(Response.bytes(type, Bytes.utf8(LONG)), "Accept-Encoding", "gzip"));
    }

    @Test
    void whatCannotBeCompressedIsLeftAlone() throws Exception {
        String[] gzip = {"Accept-Encoding", "gzip"};
        Response plain = Response.text(LONG);
        for (Response response : List.of(
                plain.withStatus(206),
                plain.withHeader("Content-Encoding", "br"),
                plain.withHeader("Cache-Control", "public, no-transform"),
                plain.withHeader("Content-Range", "bytes 0-1/2"),
                Response.status(204))) {
            assertEquals(field(response, "Content-Encoding"), field(ask(response, gzip), "Content-Encoding"));
        }
        Response head = peer.ask(
                HttpHandler.of(request -> plain).with(Compression.create()), "HEAD", "/", "Accept-Encoding", "gzip");
        assertFalse(head.headers().contains("Content-Encoding"));
        byte[] random = new byte[4_096];
        new SplittableRandom(1).nextBytes(random);
        Response dense = Response.bytes("text/plain", Bytes.copyOf(random));
        assertFalse(isCompressed(dense, gzip));
    }

    @Test
    void secretsBesideGuessesAreNotCompressed() throws Exception {
        Response page = Response.html(LONG);
        assertTrue(isCompressed(page, "Accept-Encoding", "gzip", "Cookie", "a=1", "Sec-Fetch-Site", "same-origin"));
        assertTrue(isCompressed(page, "Accept-Encoding", "gzip", "Cookie", "a=1"));
        assertTrue(isCompressed(page, "Accept-Encoding", "gzip", "Sec-Fetch-Site", "cross-site"));
        assertFalse(isCompressed(page, "Accept-Encoding", "gzip", "Cookie", "a=1", "Sec-Fetch-Site", "cross-site"));
        assertFalse(isCompressed(page, "Accept-Encoding", "gzip", "Cookie", "a=1", "Sec-Fetch-Site", "same-site"));
        assertFalse(
                isCompressed(page, "Accept-Encoding", "gzip", "Authorization", "x", "Sec-Fetch-Site", "cross-site"));
        Response exempt = ask(Compression.exempt(page), "Accept-Encoding", "gzip");
        assertEquals(LONG, text(exempt));
        assertFalse(exempt.headers().contains("Content-Encoding"));
    }

    @Test
    void valuesAreChecked() {
        Compression compression = Compression.create();
        assertThrows(IllegalArgumentException.class, () -> compression.threshold(-1));
        assertThrows(IllegalArgumentException.class, () -> compression.level(0));
        assertThrows(IllegalArgumentException.class, () -> compression.level(10));
    }

    /** Where a compressed body goes: asks as a server does, and inflates what comes. */
    private static final class Peer implements BodyOutput {
        final ByteArrayOutputStream received = new ByteArrayOutputStream();
        final Inflater inflater = new Inflater(true);
        boolean writable = true;
        boolean ended;
        boolean resumed;
        boolean aborted;
        private boolean progress;
        private int given;

        /** Asks as long as something comes. */
        void pump(BodyProducer producer) throws Exception {
            do {
                progress = false;
                resumed = false;
                producer.produce(this);
            } while (!ended && !aborted && (progress || resumed) && writable);
        }

        /** What can be read of what has come so far. */
        String readable() throws Exception {
            byte[] bytes = received.toByteArray();
            given = given == 0 ? 10 : given; // behind the head of gzip
            inflater.setInput(bytes, given, bytes.length - given);
            given = bytes.length;
            byte[] text = new byte[100_000];
            return new String(text, 0, inflater.inflate(text), StandardCharsets.UTF_8);
        }

        @Override
        public Connection connection() {
            throw new UnsupportedOperationException();
        }

        @Override
        public BodyOutput send(byte[] bytes) {
            return send(ByteBuffer.wrap(bytes));
        }

        @Override
        public BodyOutput send(ByteBuffer bytes) {
            progress |= bytes.hasRemaining();
            received.writeBytes(Bytes.copyOf(bytes).toByteArray());
            return this;
        }

        @Override
        public BodyOutput send(Bytes bytes) {
            return send(bytes.asByteBuffer());
        }

        @Override
        public BodyOutput send(CharSequence text) {
            return send(Bytes.utf8(text));
        }

        @Override
        public BodyOutput send(ReceiveBuffer source) {
            return send(source.take());
        }

        @Override
        public BodyOutput send(FileRegion region) {
            throw new UnsupportedOperationException("a file cannot be sent as it is");
        }

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public void resume() {
            resumed = true;
        }

        @Override
        public void end() {
            end(Headers.EMPTY);
        }

        @Override
        public void end(Headers trailers) {
            ended = true;
        }

        @Override
        public void abort(String reason) {
            aborted = true;
        }
    }

    @Nested
    class Streaming {
        private final Peer output = new Peer();
        private final List<Boolean> done = new ArrayList<>();

        private BodyProducer compressed(BodyProducer producer) throws Exception {
            Response response = ask(
                    Response.stream("text/plain", () -> new BodyProducer() {
                        @Override
                        public void produce(BodyOutput target) throws Exception {
                            producer.produce(target);
                        }

                        @Override
                        public void onDone(boolean sent) {
                            done.add(sent);
                        }
                    }),
                    "Accept-Encoding",
                    "gzip");
            return ((ResponseBody.Streamed) response.body()).producer().get();
        }

        @Test
        void whatIsSentCanBeReadWhenTheProducerPauses() throws Exception {
            List<String> lines = new ArrayList<>();
            BodyProducer producer = compressed(target -> {
                if (!lines.isEmpty()) {
                    target.send(lines.remove(0));
                }
            });
            for (String line : List.of("one\n", "two\n", "three\n")) {
                lines.add(line);
                lines.add(line);
                output.pump(producer);
                assertEquals(line + line, output.readable());
                int length = output.received.size();
                output.pump(producer);
                assertEquals(length, output.received.size(), "nothing new, nothing sent");
            }
            producer.onDone(false);
            assertEquals(List.of(false), done);
        }

        @Test
        void aProducerIsAskedAgainThoughNothingCameOut() throws Exception {
            int[] pieces = {0};
            BodyProducer producer = compressed(target -> {
                target.send("the same again ");
                if (++pieces[0] == 10_000) {
                    target.end();
                }
            });
            output.pump(producer);
            producer.onDone(true);
            assertTrue(output.ended);
            assertEquals("the same again ".repeat(10_000), decoded(output.received.toByteArray(), "gzip"));
            assertTrue(output.received.size() < 1_000);
            assertEquals(List.of(true), done);
        }

        @Test
        void oneTurnIsNotSpentOnOneBody() throws Exception {
            int[] asked = {0};
            byte[] zeros = new byte[64 << 10];
            BodyProducer producer = compressed(target -> {
                asked[0]++;
                target.send(zeros);
            });
            producer.produce(output);
            assertTrue(asked[0] <= 16, () -> "asked " + asked[0] + " times");
        }

        @Test
        void everyWayToSendIsCompressed() throws Exception {
            BodyProducer producer = compressed(target -> {
                target.send("a".getBytes(StandardCharsets.UTF_8))
                        .send(ByteBuffer.wrap("b".getBytes(StandardCharsets.UTF_8)))
                        .send(Bytes.utf8("c"))
                        .send("d");
                assertTrue(target.isWritable());
                target.end(Headers.of("X-Sum", "1"));
            });
            output.pump(producer);
            assertEquals("abcd", decoded(output.received.toByteArray(), "gzip"));
        }

        @Test
        void anEndedBodyTakesNothing() throws Exception {
            BodyOutput[] kept = new BodyOutput[1];
            BodyProducer producer = compressed(target -> {
                kept[0] = target;
                target.end();
            });
            output.pump(producer);
            assertThrows(IllegalStateException.class, () -> kept[0].send("x"));
            assertThrows(IllegalStateException.class, () -> kept[0].end());
            assertFalse(kept[0].isWritable());
            assertEquals("", decoded(output.received.toByteArray(), "gzip"));
        }

        @Test
        void aFileIsReadAsThePeerTakesItAndClosed(@TempDir Path directory) throws Exception {
            Path file = Files.writeString(directory.resolve("file"), LONG.repeat(100));
            boolean[] closed = {false};
            try (FileChannel channel = FileChannel.open(file)) {
                BodyProducer producer = compressed(target -> {
                    target.send("first ");
                    target.send(FileRegion.of(channel, 2, channel.size() - 2, () -> closed[0] = true));
                    target.end();
                });
                output.pump(producer);
            }
            assertTrue(output.ended && closed[0]);
            assertEquals("first " + LONG.repeat(100).substring(2), decoded(output.received.toByteArray(), "gzip"));
        }

        @Test
        void aFileOfABodyThatIsCutIsClosed(@TempDir Path directory) throws Exception {
            Path file = Files.writeString(directory.resolve("file"), LONG);
            boolean[] closed = {false};
            try (FileChannel channel = FileChannel.open(file)) {
                BodyProducer producer = compressed(
                        target -> target.send(FileRegion.of(channel, 0, channel.size(), () -> closed[0] = true)));
                output.writable = false;
                output.pump(producer);
                producer.onDone(false);
            }
            assertTrue(closed[0]);
        }

        @Test
        void givingUpIsPassedOn() throws Exception {
            BodyProducer producer = compressed(target -> target.abort("x"));
            output.pump(producer);
            producer.onDone(false);
            assertTrue(output.aborted);
            assertEquals(List.of(false), done);
        }
    }

    @Test
    void whatIsCompressedAtOnceIsWhatIsCompressedInPieces() throws Exception {
        byte[] input = new byte[300_000];
        new SplittableRandom(7).nextBytes(input);
        for (int i = 0; i < input.length; i++) {
            input[i] &= 0x1F;
        }
        for (boolean gzip : new boolean[] {true, false}) {
            byte[] whole = Deflating.all(Bytes.copyOf(input), gzip, 6).toByteArray();
            InputStream raw = new ByteArrayInputStream(whole);
            try (InputStream decoded = gzip ? new GZIPInputStream(raw) : new InflaterInputStream(raw)) {
                assertArrayEquals(input, decoded.readAllBytes());
            }
        }
    }
}
