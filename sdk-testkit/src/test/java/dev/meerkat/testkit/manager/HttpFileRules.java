package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.FileHandler;
import dev.meerkat.http.FileOptions;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.Response;
import dev.meerkat.http.Router;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files over HTTP on a connection, on every transport: what is read, what is sent as it is, and what goes wrong on the
 * way.
 */
abstract class HttpFileRules extends ManagerRules {
    static final HttpServerOptions TIMELESS =
            HttpServerOptions.builder().date(false).build();

    private static final Instant OLD = Instant.parse("1999-01-01T12:00:00Z");

    /** Too large to be read at once. */
    private static final int LARGE = 300_000;

    @TempDir
    Path root;

    Path file(String name, byte[] content) throws IOException {
        Path path = Files.write(root.resolve(name), content);
        return Files.setLastModifiedTime(path, FileTime.from(OLD));
    }

    private Peer client(HttpHandler handler) {
        return peer(manager().listen(arm.listenAddress(), HttpServer.handler(TIMELESS, handler)));
    }

    static String get(String target, String... fields) {
        return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + lines(fields) + "\r\n";
    }

    private static String lines(String... fields) {
        StringBuilder lines = new StringBuilder();
        for (String each : fields) {
            lines.append(each).append("\r\n");
        }
        return lines.toString();
    }

    /** An answer with its body. */
    private record Answer(String head, byte[] body) {
        String line() {
            return head.substring(0, head.indexOf("\r\n"));
        }

        String field(String name) {
            return Arrays.stream(head.split("\r\n"))
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .findFirst()
                    .orElse("-");
        }
    }

    /** The answer that begins where the peer had received so many bytes; empty if it is not whole yet. */
    static List<Answer> answer(Peer peer, int from, boolean hasBody) {
        byte[] all = peer.received();
        String text = new String(all, from, all.length - from, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return List.of();
        }
        Answer head = new Answer(text.substring(0, end + 2), new byte[0]);
        String announced = head.field("Content-Length");
        int length = !hasBody || announced.equals("-") ? 0 : Integer.parseInt(announced);
        int begin = from + end + 4;
        return all.length < begin + length
                ? List.of()
                : List.of(new Answer(head.head(), Arrays.copyOfRange(all, begin, begin + length)));
    }

    private Answer ask(Peer peer, String request) {
        int from = peer.receivedCount();
        peer.send(request);
        boolean hasBody = !request.startsWith("HEAD");
        until(
                "the answer to " + request.lines().findFirst().orElse(""),
                () -> !answer(peer, from, hasBody).isEmpty());
        Answer answer = answer(peer, from, hasBody).get(0);
        assertEquals(
                from + answer.head().length() + 2 + answer.body().length, peer.receivedCount(), "nothing behind it");
        return answer;
    }

    // ---- what arrives

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void filesOfAllSizesArriveOnOneConnection(boolean onLoop) throws IOException {
        Peer peer =
                client(FileHandler.of(root, FileOptions.builder().onLoop(onLoop).build()));
        for (int size : new int[] {0, 1, 65_536, 65_537, LARGE, 3_000_000}) {
            byte[] content = pattern(size);
            file("a.txt", content);
            Answer answer = ask(peer, get("/a.txt"));
            assertEquals("HTTP/1.1 200 OK", answer.line());
            assertEquals("text/plain; charset=utf-8", answer.field("Content-Type"));
            assertArrayEquals(content, answer.body());
            Answer head = ask(peer, "HEAD /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals(answer.head(), head.head());
        }
    }

    @Test
    void aDownloadIsResumedAndNotRepeated() throws IOException {
        byte[] content = pattern(LARGE);
        file("a.bin", content);
        Peer peer = client(FileHandler.of(root));
        Answer whole = ask(peer, get("/a.bin"));
        String tag = whole.field("ETag");
        assertTrue(tag.startsWith("\""), tag);
        Answer rest = ask(peer, get("/a.bin", "Range: bytes=100000-", "If-Range: " + tag));
        assertEquals("HTTP/1.1 206 Partial Content", rest.line());
        assertEquals("bytes 100000-299999/300000", rest.field("Content-Range"));
        assertArrayEquals(Arrays.copyOfRange(content, 100_000, LARGE), rest.body());
        Answer none = ask(peer, get("/a.bin", "If-None-Match: " + tag));
        assertEquals("HTTP/1.1 304 Not Modified", none.line());
        assertEquals(tag, none.field("ETag"));
        file("a.bin", pattern(LARGE + 1));
        Answer changed = ask(peer, get("/a.bin", "Range: bytes=100000-", "If-Range: " + tag));
        assertEquals("HTTP/1.1 200 OK", changed.line());
        assertEquals(LARGE + 1, changed.body().length);
        assertEquals(
                "HTTP/1.1 416 Range Not Satisfiable",
                ask(peer, get("/a.bin", "Range: bytes=400000-")).line());
    }

    @Test
    void severalRangesOfALargeFileComeAsOneBody() throws IOException {
        byte[] content = pattern(LARGE);
        file("a.txt", content);
        Peer peer = client(FileHandler.of(root));
        Answer answer = ask(peer, get("/a.txt", "Range: bytes=0-99999,200000-299999,150000-150000"));
        assertEquals("HTTP/1.1 206 Partial Content", answer.line());
        String type = answer.field("Content-Type");
        assertTrue(type.matches("multipart/byteranges; boundary=[0-9a-z]{32}"), type);
        String boundary = type.substring(type.indexOf('=') + 1);
        String body = new String(answer.body(), StandardCharsets.ISO_8859_1);
        String text = new String(content, StandardCharsets.ISO_8859_1);
        String part = "--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ";
        assertEquals(
                part + "0-99999/300000\r\n\r\n" + text.substring(0, 100_000)
                        + "\r\n" + part + "200000-299999/300000\r\n\r\n" + text.substring(200_000)
                        + "\r\n" + part + "150000-150000/300000\r\n\r\n" + text.charAt(150_000)
                        + "\r\n--" + boundary + "--\r\n",
                body);
    }

    @Test
    void pipelinedRequestsForFilesAreAnsweredInTheirOrder() throws IOException {
        StringBuilder requests = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            byte[] content = pattern(i % 2 == 0 ? 100 + i : 70_000 + i);
            file(i + ".txt", content);
            requests.append(get("/" + i + ".txt"));
            expected.append(new String(content, StandardCharsets.ISO_8859_1));
        }
        Peer peer = client(FileHandler.of(root));
        peer.send(requests.toString());
        String[] found = new String[1];
        until("all answers", () -> {
            int from = 0;
            StringBuilder bodies = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                List<Answer> next = answer(peer, from, true);
                if (next.isEmpty()) {
                    return false;
                }
                bodies.append(new String(next.get(0).body(), StandardCharsets.ISO_8859_1));
                from += next.get(0).head().length() + 2 + next.get(0).body().length;
            }
            found[0] = bodies.toString();
            return true;
        });
        assertEquals(expected.toString(), found[0]);
    }

    @Test
    void nothingOutsideTheRootIsServed() throws IOException {
        Files.createDirectory(root.resolve("public"));
        file("secret.txt", pattern(10));
        file("public/a.txt", pattern(10));
        Peer peer = client(FileHandler.of(root.resolve("public")));
        for (String target : List.of(
                "/../secret.txt",
                "/%2e%2e/secret.txt",
                "/..%2fsecret.txt",
                "/%2e%2e%2fsecret.txt",
                "/..%5csecret.txt",
                "/public/../../secret.txt",
                "//secret.txt",
                "/.%2e/secret.txt")) {
            assertEquals("HTTP/1.1 404 Not Found", ask(peer, get(target)).line(), target);
        }
        for (String target : List.of("/a.txt%00", "/%c0%ae%c0%ae/secret.txt", "/%")) {
            assertEquals("HTTP/1.1 400 Bad Request", ask(peer, get(target)).line(), target);
        }
        assertEquals("HTTP/1.1 200 OK", ask(peer, get("/a.txt")).line());
        assertEquals(
                "GET, HEAD, OPTIONS",
                ask(peer, "DELETE /a.txt HTTP/1.1\r\nHost: a\r\n\r\n").field("Allow"));
    }

    @Test
    void aRouterServesFilesBesideItsRoutes() throws IOException {
        Files.createDirectory(root.resolve("d"));
        file("index.html", "root".getBytes(StandardCharsets.UTF_8));
        file("d/index.html", "below".getBytes(StandardCharsets.UTF_8));
        Router inner = Router.create().files("/docs", root);
        Peer peer = client(Router.create()
                .get("/hello", request -> Response.text("hello"))
                .mount("/api", inner)
                .files("/", root));
        assertEquals("hello", text(ask(peer, get("/hello"))));
        assertEquals("root", text(ask(peer, get("/"))));
        assertEquals("below", text(ask(peer, get("/d/"))));
        assertEquals("/d/", ask(peer, get("/d")).field("Location"));
        assertEquals("root", text(ask(peer, get("/api/docs/"))));
        assertEquals("below", text(ask(peer, get("/api/docs/d/"))));
        assertEquals("/api/docs/", ask(peer, get("/api/docs")).field("Location"));
        assertEquals("/api/docs/d/", ask(peer, get("/api/docs/d")).field("Location"));
        assertEquals("HTTP/1.1 404 Not Found", ask(peer, get("/none")).line());
    }

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @Test
    void oneFileAnswersWhateverThePathIs() throws IOException {
        Path path = file("robots.txt", pattern(LARGE));
        Peer peer = client(FileHandler.ofFile(path));
        assertArrayEquals(pattern(LARGE), ask(peer, get("/anything")).body());
        assertEquals("text/plain; charset=utf-8", ask(peer, get("/x/y/z?q")).field("Content-Type"));
        Files.delete(path);
        assertEquals("HTTP/1.1 404 Not Found", ask(peer, get("/")).line());
    }

    @Test
    void aHandlerAnswersWithAFileInOneStep() throws IOException {
        Path path = file("report.pdf", pattern(LARGE));
        Peer peer = client(request -> Response.file(path, "application/x-report"));
        for (int i = 0; i < 2; i++) {
            Answer answer = ask(peer, get("/"));
            assertEquals("application/x-report", answer.field("Content-Type"));
            assertArrayEquals(pattern(LARGE), answer.body());
        }
        assertEquals("300000", ask(peer, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").field("Content-Length"));
    }

    // ---- what goes wrong

    @Test
    void aSlowPeerCostsNoMemory() throws IOException {
        file("large", pattern(MORE_THAN_FITS));
        Connection[] connection = new Connection[1];
        HttpHandler files = FileHandler.of(root);
        HttpHandler watched = request -> {
            connection[0] = request.connection();
            return files.onHead(request);
        };
        Acceptor acceptor = manager()
                .listen(
                        arm.listenAddress(),
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                        HttpServer.handler(TIMELESS, watched));
        Peer peer = peer(acceptor, SMALL_PEER).stopReading();
        peer.send(get("/large"));
        until("the file to wait", () -> connection[0] != null && connection[0].pendingFileBytes() > 0);
        settle();
        long inMemory = connection[0].pendingBytes() - connection[0].pendingFileBytes();
        assertTrue(inMemory <= 65_536 + 1_000, "in memory: " + inMemory);
        peer.startReading();
        until("all of it", () -> !answer(peer, 0, true).isEmpty());
        assertArrayEquals(pattern(MORE_THAN_FITS), answer(peer, 0, true).get(0).body());
    }

    @Test
    void aFileThatBecomesShorterIsNeverTakenForWhole() throws IOException {
        Path path = file("large", pattern(MORE_THAN_FITS));
        Acceptor acceptor = manager()
                .listen(
                        arm.listenAddress(),
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                        HttpServer.handler(TIMELESS, FileHandler.of(root)));
        Peer peer = peer(acceptor, SMALL_PEER);
        peer.send(get("/large"));
        until("the beginning", () -> peer.receivedCount() > 0);
        peer.stopReading();
        settle();
        try (FileChannel shortened = FileChannel.open(path, StandardOpenOption.WRITE)) {
            shortened.truncate(0);
        }
        peer.startReading();
        untilAborted(peer);
        assertTrue(peer.receivedCount() < MORE_THAN_FITS);
    }

    @Test
    void whoLeavesInTheMiddleLeavesNothingOpen() throws IOException {
        file("large", pattern(MORE_THAN_FITS));
        long before = openFiles();
        Acceptor acceptor = manager()
                .listen(
                        arm.listenAddress(),
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                        HttpServer.handler(TIMELESS, FileHandler.of(root)));
        for (int i = 0; i < 5; i++) {
            Peer peer = peer(acceptor, SMALL_PEER);
            peer.send(get("/large"));
            until("the beginning", () -> peer.receivedCount() > 0);
            peer.stopReading();
            settle();
            assertEquals(before + 1, openFiles());
            peer.reset();
            until("the file to be closed", () -> openFiles() == before);
        }
        Peer peer = peer(acceptor);
        peer.send(get("/large")).send(get("/large", "Range: bytes=0-99999,300000-399999"));
        until("all of both", () -> peer.receivedCount() > MORE_THAN_FITS + 200_000);
        until("the files to be closed", () -> openFiles() == before);
    }

    /** How many descriptors of this process are of files below the root. */
    private long openFiles() {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(each -> {
                        try {
                            return Files.readSymbolicLink(each).startsWith(root.toRealPath());
                        } catch (IOException closedMeanwhile) {
                            return false;
                        }
                    })
                    .count();
        } catch (IOException notLinux) {
            return 0;
        }
    }

    @Test
    void aFileGoesThroughTlsToo() throws IOException {
        byte[] content = pattern(1_000_000);
        file("a.txt", content);
        var tls = TestTls.options(manager().wallTime());
        Script client = script();
        Acceptor acceptor = manager()
                .listen(
                        "tls://" + arm.host() + ":0",
                        ListenOptions.builder().tls(tls).build(),
                        HttpServer.handler(TIMELESS, FileHandler.of(root)));
        manager()
                .connect(
                        "tls://" + arm.host() + ":" + acceptor.port(),
                        ConnectOptions.builder().tls(tls).build(),
                        client);
        until("Opened", () -> client.has(TcpEvent.Opened.class));
        inTurn(() -> client.connection().send(get("/a.txt", "Connection: close")));
        untilClosed(client);
        byte[] all = client.bytes();
        assertArrayEquals(content, Arrays.copyOfRange(all, all.length - content.length, all.length));
        assertFalse(client.closeReason().error().isPresent(), client.closeReason()::toString);
    }
}
