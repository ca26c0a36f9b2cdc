package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.event.FileRegion;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.FileHandler;
import dev.meerkat.http.FileOptions;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where files come from, who reads them, and files as bodies of requests. */
abstract class FileSourceRules extends HttpClientRulesBase {
    @TempDir
    Path root;

    private String served(HttpHandler handler) {
        Acceptor acceptor = manager().listen(arm.host() + ":0", HttpServer.handler(HttpServerRules.TIMELESS, handler));
        return "http://" + arm.host() + ":" + acceptor.port();
    }

    // ---- the class path

    @Test
    void filesBesideAClassAreServed() throws IOException {
        String uri = served(
                FileHandler.ofClassPath(FileSourceRules.class, "dev/meerkat/testkit/manager", FileOptions.DEFAULT));
        ClientResponse response = get(uri + "/FileSourceRules.class");
        assertEquals(200, response.status());
        assertArrayEquals(
                resource(FileSourceRules.class, "FileSourceRules.class"),
                response.bytes().toByteArray());
        assertEquals(404, get(uri + "/Missing.class").status());
        assertEquals(404, get(uri + "/..%2fSimWorld.class").status());
    }

    @Test
    void filesOfTheJarOfAClassAreServed() throws IOException {
        String uri = served(FileHandler.ofClassPath(Test.class, "org/junit/jupiter/api", FileOptions.DEFAULT));
        ClientResponse response = get(uri + "/Test.class");
        assertEquals(200, response.status());
        byte[] content = resource(Test.class, "Test.class");
        assertArrayEquals(content, response.bytes().toByteArray());
        ClientResponse part = send(ClientRequest.get(uri + "/Test.class").withHeader("Range", "bytes=4-7"));
        assertEquals(206, part.status());
        assertArrayEquals(Arrays.copyOfRange(content, 4, 8), part.bytes().toByteArray());
        assertEquals(404, get(uri + "/Missing.class").status());
        assertEquals(404, get(uri + "/../../../../META-INF/MANIFEST.MF").status());
    }

    private static byte[] resource(Class<?> anchor, String name) throws IOException {
        try (InputStream stream = anchor.getResourceAsStream(name)) {
            return stream.readAllBytes();
        }
    }

    @Test
    void aClassThatComesFromNowhereIsAMistake() {
        assertThrows(
                IllegalArgumentException.class,
                () -> FileHandler.ofClassPath(String.class, "java/lang", FileOptions.DEFAULT));
    }

    // ---- who reads

    @Test
    void ifAllWorkersAreBusyTheAnswerIs503() throws IOException {
        use(options -> {}, runtime -> BusyWorkers.full(runtime).in(runtime));
        Files.writeString(root.resolve("a.txt"), "content");
        ClientResponse response = get(served(FileHandler.of(root)) + "/a.txt");
        assertEquals(503, response.status());
        assertEquals("1", response.head().headers().first("Retry-After").orElseThrow());
        assertEquals(1, client().statistics().idle(), "the connection is as good as before");
        FileOptions onLoop = FileOptions.builder().onLoop(true).build();
        assertEquals(
                "content", get(served(FileHandler.of(root, onLoop)) + "/a.txt").text());
    }

    // ---- bodies of requests

    private static final byte[] CONTENT = pattern(200_000);

    private static String text(int from, int to) {
        return new String(CONTENT, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private FileRegion region(int from, int to, List<String> closed) throws IOException {
        Path file = root.resolve("body.bin");
        if (Files.notExists(file)) {
            Files.write(file, CONTENT);
        }
        FileChannel channel = FileChannel.open(file);
        return FileRegion.of(channel, from, to - from, () -> {
            closed.add(from + "-" + to);
            try {
                channel.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void partsOfFilesAreABodyOfKnownLengthOrOfChunks() {
        for (int length : new int[] {150_005, -1}) {
            List<String> closed = new ArrayList<>();
            CannedServer server = CannedServer.text("thanks");
            ClientBody body = ClientBody.stream("application/octet-stream", length, () -> output -> {
                output.send(region(50_000, 199_999, closed))
                        .send("-")
                        .send(region(7, 7, closed)) // no chunk: that would be the last one
                        .send(region(10, 15, closed))
                        .end();
            });
            assertEquals("thanks", send(ClientRequest.put(serve(server), body)).text());
            String request = server.requests().get(0);
            String end = length < 0
                    ? "249ef\r\n" + text(50_000, 199_999) + "\r\n1\r\n-\r\n5\r\n" + text(10, 15) + "\r\n0\r\n\r\n"
                    : text(50_000, 199_999) + "-" + text(10, 15);
            assertTrue(request.endsWith("\r\n\r\n" + end), request.substring(0, 300));
            closed.sort(null);
            assertEquals(List.of("10-15", "50000-199999", "7-7"), closed);
        }
    }

    @Test
    void aFileIsClosedOnceWhenItsRequestFails() throws IOException {
        List<String> closed = new ArrayList<>();
        CannedServer rude = new CannedServer((connection, request) -> {});
        String uri = serve(rude);
        FileRegion sent = region(0, 200_000, closed);
        boolean[] asked = new boolean[1];
        var call = client().send(ClientRequest.put(uri, ClientBody.once("", output -> {
            if (!asked[0]) {
                asked[0] = true;
                output.send(sent);
            }
        })));
        until("the connection", () -> rude.open() == 1);
        inTurn(() -> rude.connections().get(0).abort());
        assertEquals(Kind.CONNECTION_LOST, failure(call).kind());
        assertEquals(List.of("0-200000"), closed);
    }

    @Test
    void aFileBehindTheEndOfABodyIsRefusedAndClosed() throws IOException {
        List<String> closed = new ArrayList<>();
        List<Boolean> refused = new ArrayList<>();
        FileRegion late = region(0, 9, closed);
        ClientBody body = ClientBody.once("", output -> {
            output.send("x").end();
            refused.add(isRefused(output, late));
        });
        assertEquals(
                "ok",
                send(ClientRequest.put(serve(CannedServer.text("ok")), body)).text());
        assertEquals(List.of(true), refused);
        assertEquals(List.of("0-9"), closed);
    }

    private static boolean isRefused(BodyOutput output, FileRegion region) {
        try {
            output.send(region);
            return false;
        } catch (IllegalStateException ended) {
            return true;
        }
    }

    @Test
    void aFileThatIsLongerThanWasSaidIsAMistakeOfTheProgram() throws IOException {
        List<String> closed = new ArrayList<>();
        FileRegion region = region(0, 9, closed);
        ClientBody body =
                ClientBody.stream("", 8, () -> output -> output.send(region).end());
        fails(Kind.PROGRAM_FAILED, ClientRequest.put(serve(CannedServer.text("ok")), body));
        assertEquals(List.of("0-9"), closed);
        assertFalse(region.file().isOpen());
    }
}
