package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every client that somebody else wrote has to be able to do with our server; a subclass drives the client. */
abstract class ClientRules {
    private static final int FILE_BYTES = 3_000_000;

    /** What came back. */
    record Answer(int status, Map<String, String> headers, byte[] body) {
        Answer {
            Map<String, String> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            anyCase.putAll(headers);
            headers = anyCase;
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /** How a body is sent. */
    enum Framing {
        FIXED,
        CHUNKED,
        AFTER_100
    }

    @TempDir
    Path folder;

    private byte[] content = {};
    private @Nullable RunningServer server;

    @BeforeEach
    void start() throws Exception {
        content = new byte[FILE_BYTES];
        new Random(7).nextBytes(content);
        server = new RunningServer(Files.write(folder.resolve("file.bin"), content));
        startClient(server);
    }

    @AfterEach
    void stop() throws Exception {
        stopClient();
        server().close();
    }

    final RunningServer server() {
        RunningServer running = server;
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running;
    }

    final Path folder() {
        return folder;
    }

    abstract void startClient(RunningServer running) throws Exception;

    abstract void stopClient() throws Exception;

    /** Sends one request and gives the whole answer. */
    abstract Answer call(
            String method, String url, Map<String, String> headers, byte @Nullable [] body, Framing framing)
            throws Exception;

    final Answer get(String path, String... headers) throws Exception {
        Map<String, String> fields = new TreeMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            fields.put(headers[i], headers[i + 1]);
        }
        return call("GET", server().url(path), fields, null, Framing.FIXED);
    }

    @Test
    void getsThePage() throws Exception {
        Answer answer = get("/");
        assertEquals(200, answer.status());
        assertEquals("Hello, World!", answer.text());
        assertEquals("text/plain", answer.header("Content-Type"));
        assertEquals("13", answer.header("Content-Length"));
        assertFalse(answer.header("Date").isEmpty());
    }

    @Test
    void getsThePageThroughTls() throws Exception {
        Answer answer = call("GET", server().secureUrl("/"), Map.of(), null, Framing.FIXED);
        assertEquals("Hello, World!", answer.text());
    }

    @Test
    void manyRequestsOneAfterAnother() throws Exception {
        for (int i = 0; i < 50; i++) {
            assertEquals("Hello, World!", get("/").text());
        }
    }

    @Test
    void aChunkedBodyArrives() throws Exception {
        assertEquals("onetwothree", get("/chunked").text());
    }

    @Test
    void aLargeBodyArrivesWhole() throws Exception {
        Answer answer = get("/big?n=5000000");
        assertEquals(5_000_000, answer.body().length);
    }

    @Test
    void aFileArrivesWhole() throws Exception {
        assertArrayEquals(content, get("/file").body());
    }

    @Test
    void aRangeOfAFileArrives() throws Exception {
        Answer answer = get("/file", "Range", "bytes=1000-1999");
        assertEquals(206, answer.status());
        assertEquals("bytes 1000-1999/" + FILE_BYTES, answer.header("Content-Range"));
        assertArrayEquals(java.util.Arrays.copyOfRange(content, 1000, 2000), answer.body());
    }

    @Test
    void aFileThatIsKnownIsNotSentAgain() throws Exception {
        String tag = get("/file").header("ETag");
        Answer again = get("/file", "If-None-Match", tag);
        assertEquals(304, again.status());
        assertEquals(0, again.body().length);
    }

    @Test
    void headGivesTheLengthAndNoBody() throws Exception {
        Answer answer = call("HEAD", server().url("/file"), Map.of(), null, Framing.FIXED);
        assertEquals(200, answer.status());
        assertEquals(Integer.toString(FILE_BYTES), answer.header("Content-Length"));
        assertEquals(0, answer.body().length);
        assertEquals("Hello, World!", get("/").text()); // and nothing stands in the way of the next
    }

    @Test
    void everyFramingOfABodyIsUnderstood() throws Exception {
        byte[] small = "some body".getBytes(StandardCharsets.UTF_8);
        for (Framing framing : Framing.values()) {
            for (byte[] body : List.of(small, content)) {
                Answer answer =
                        call("POST", server().url("/echo"), Map.of("Content-Type", "text/x-test"), body, framing);
                assertEquals(200, answer.status(), framing.name());
                assertArrayEquals(body, answer.body(), framing.name());
                assertEquals("text/x-test", answer.header("Content-Type"));
            }
        }
    }

    @Test
    void anUploadIsCounted() throws Exception {
        for (String method : List.of("POST", "PUT")) {
            for (Framing framing : Framing.values()) {
                Answer answer = call(method, server().url("/upload"), Map.of(), content, framing);
                assertEquals(Integer.toString(FILE_BYTES), answer.text(), framing.name());
            }
        }
    }

    @Test
    void statusesWithAndWithoutBodies() throws Exception {
        for (int status : new int[] {200, 204, 205, 304, 404, 410, 500, 503}) {
            assertEquals(status, get("/status/" + status).status());
        }
        assertEquals("Hello, World!", get("/").text());
    }

    @Test
    void fieldsAndCookiesArrive() throws Exception {
        assertTrue(get("/headers", "X-Probe", "one two")
                .text()
                .toLowerCase(java.util.Locale.ROOT)
                .contains("x-probe: one two\n"));
        assertEquals("a=1\nb=two\n", get("/cookie", "Cookie", "a=1; b=two").text());
    }

    @Test
    void whatNoPathAsksForIsOkOrComesBack() throws Exception {
        assertEquals("OK", get("/no/such/path").text());
        byte[] body = "body".getBytes(StandardCharsets.UTF_8);
        for (String path : List.of("/echo", "/elsewhere")) {
            for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
                assertEquals(
                        "body",
                        call(method, server().url(path), Map.of(), body, Framing.FIXED)
                                .text(),
                        method);
            }
        }
    }

    @Test
    void bodiesComeBackUpToTheLimit() throws Exception {
        byte[] most = new byte[16 << 20];
        assertEquals(
                most.length,
                call("POST", server().url("/echo"), Map.of(), most, Framing.CHUNKED)
                        .body()
                        .length);
        assertEquals("Hello, World!", get("/").text());
    }

    @Test
    void brokenFormsAreRefused() throws Exception {
        Map<String, String> type = Map.of("Content-Type", "multipart/form-data; boundary=b");
        byte[] cut = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nvalue".getBytes(StandardCharsets.UTF_8);
        assertEquals(
                400,
                call("POST", server().url("/multipart"), type, cut, Framing.FIXED)
                        .status());
        assertEquals(
                415,
                call("POST", server().url("/multipart"), Map.of("Content-Type", "text/plain"), cut, Framing.FIXED)
                        .status());
    }

    @Test
    void eventsArriveInOrder() throws Exception {
        Answer answer = get("/sse", "Accept", "text/event-stream");
        assertEquals("text/event-stream", answer.header("Content-Type").split(";", 2)[0]);
        assertTrue(answer.text().contains("data: one\n\n"), answer.text());
        assertTrue(answer.text().indexOf("data: one") < answer.text().indexOf("data: three"), answer.text());
    }
}
