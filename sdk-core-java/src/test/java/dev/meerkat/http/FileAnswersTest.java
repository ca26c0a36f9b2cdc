package dev.meerkat.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From a head to the answer, on the default file system and in an archive. */
class FileAnswersTest {
    private static final Instant OLD = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
    private static final int LARGE = (64 << 10) + 1;

    private enum Where {
        DISK,
        ARCHIVE
    }

    @TempDir
    Path directory;

    private FileSystem archive;
    private Path root;
    private FileOptions options = FileOptions.DEFAULT;

    @BeforeEach
    void makeTree() throws IOException {
        archive = FileSystems.newFileSystem(
                URI.create("jar:" + directory.resolve("tree.zip").toUri()), new TreeMap<>(Map.of("create", "true")));
        root = Files.createDirectory(directory.resolve("root"));
    }

    @AfterEach
    void close() throws IOException {
        archive.close();
    }

    private void at(Where where) throws IOException {
        if (where == Where.ARCHIVE) {
            root = Files.createDirectory(archive.getPath("/root"));
        }
    }

    private Path file(String name, String content) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
        return Files.setLastModifiedTime(path, FileTime.from(OLD));
    }

    private record Found(Response response, String body) {
        int status() {
            return response.status();
        }

        String field(String name) {
            return response.headers().first(name).orElse("-");
        }
    }

    private Found get(String target, String... fields) throws IOException {
        return ask("GET", target, fields);
    }

    private Found ask(String method, String target, String... fields) throws IOException {
        RequestHead head = RequestHead.of(method, target, Headers.of(fields));
        FileTree tree = new FileTree(root, options.links());
        Optional<FilePath> path = FilePath.parse(head.path(), 0, options.prefix(), options.hidden(), false);
        FileAnswers.Answer answer =
                new FileAnswers(tree, options, null).answer(new FileAnswers.Question(head, path, NOW, "BOUNDARY"));
        FileRegion open = answer.open();
        String body = method.equals("HEAD") ? "" : text(answer.response().body());
        if (open != null) {
            assertTrue(open.file().isOpen());
            open.close();
        }
        return new Found(answer.response(), body);
    }

    private static String text(ResponseBody body) throws IOException {
        if (body instanceof ResponseBody.Whole whole) {
            return UTF_8.decode(whole.bytes().asByteBuffer()).toString();
        }
        if (!(body instanceof ResponseBody.Streamed streamed)) {
            return "";
        }
        Sink sink = new Sink();
        BodyProducer producer = streamed.producer().get();
        try {
            while (!sink.ended) {
                producer.produce(sink);
            }
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        assertEquals(streamed.length(), sink.bytes.size(), "the announced length");
        return sink.bytes.toString(UTF_8);
    }

    // ---- which file

    @ParameterizedTest
    @EnumSource
    void aFileIsSentWithItsTypeTagAndDate(Where where) throws IOException {
        at(where);
        file("a/b.txt", "content");
        Found found = get("/a/b.txt");
        assertEquals(200, found.status());
        assertEquals("content", found.body());
        assertEquals("text/plain; charset=utf-8", found.field("Content-Type"));
        assertEquals("Thu, 01 Jan 2026 12:00:00 GMT", found.field("Last-Modified"));
        assertEquals("bytes", found.field("Accept-Ranges"));
        assertTrue(found.field("ETag").matches("\"[0-9a-f.-]+\""), found.field("ETag"));
        assertEquals("-", found.field("Vary"));
        assertEquals("-", found.field("Cache-Control"));
    }

    @ParameterizedTest
    @EnumSource
    void filesOfAllSizesAreWhole(Where where) throws IOException {
        at(where);
        for (int size : new int[] {0, 1, LARGE - 1, LARGE, 300_000}) {
            String content = "0123456789abcdef".repeat(size / 16 + 1).substring(0, size);
            file("x", content);
            assertEquals(content, get("/x").body(), "size " + size);
            Found head = ask("HEAD", "/x");
            assertEquals(200, head.status());
            assertEquals(get("/x").response().headers(), head.response().headers());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDirectoryAnswersWithItsIndex(Where where) throws IOException {
        at(where);
        file("index.html", "root");
        file("d/index.html", "below");
        assertEquals("root", get("/").body());
        assertEquals("below", get("/d/").body());
        assertEquals("text/html; charset=utf-8", get("/d/").field("Content-Type"));
        options = FileOptions.builder().indexFiles("none.html", "other.txt").build();
        file("d/other.txt", "other");
        assertEquals("other", get("/d/").body());
        options = FileOptions.builder().indexFiles().build();
        assertEquals(404, get("/d/").status());
    }

    @ParameterizedTest
    @EnumSource
    void aDirectoryWithoutItsSlashIsElsewhere(Where where) throws IOException {
        at(where);
        file("a b/index.html", "below");
        Found found = get("/a%20b?x=y");
        assertEquals(301, found.status());
        assertEquals("/a%20b/?x=y", found.field("Location"));
        // what browsers send and no URI contains
        assertEquals("/a%20b/?x=%7B1%7D%7C%5E", get("/a%20b?x={1}|^").field("Location"));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotThereIs404(Where where) throws IOException {
        at(where);
        file("a.txt", "content");
        for (String target : List.of(
                "/none",
                "/a.txt/",
                "/a.txt/b",
                "/A.TXT/",
                "/d/",
                "/",
                "/" + "x".repeat(300),
                "/%F0%9F%A6%A1",
                "/a%3Ftxt")) {
            assertEquals(404, get(target).status(), target);
        }
    }

    @Test
    void whatMayNotBeReadIs403() throws IOException {
        Path path = file("secret", "x");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
        if (!Files.isReadable(path)) { // everything may be read by root
            assertEquals(403, get("/secret").status());
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aPipeIsNoFileAndNobodyWaitsForIt() throws Exception {
        Process made = new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start();
        assertEquals(0, made.waitFor());
        assertEquals(404, get("/pipe").status());
    }

    // ---- links

    private void links() throws IOException {
        file("real.txt", "inside");
        file("d/x.txt", "below");
        Path outside = Files.writeString(directory.resolve("outside.txt"), "outside");
        Path other = Files.createDirectory(directory.resolve("root-other"));
        Files.writeString(other.resolve("x.txt"), "other");
        Files.createSymbolicLink(root.resolve("in.txt"), Path.of("real.txt"));
        Files.createSymbolicLink(root.resolve("up.txt"), Path.of("../root/real.txt"));
        Files.createSymbolicLink(root.resolve("out.txt"), outside);
        Files.createSymbolicLink(root.resolve("out.txt.gz"), outside);
        Files.createSymbolicLink(root.resolve("outdir"), other);
        Files.createSymbolicLink(root.resolve("indir"), root.resolve("d"));
        Files.createSymbolicLink(root.resolve("loop"), root.resolve("loop"));
        Files.createSymbolicLink(root.resolve("dangling"), root.resolve("nothing"));
        Files.createSymbolicLink(root.resolve("index.html"), outside);
        Files.createSymbolicLink(root.resolve("real.txt.gz"), outside);
    }

    @Test
    void linksAreFollowedInsideTheRootOnly() throws IOException {
        links();
        assertEquals("inside", get("/in.txt").body());
        assertEquals("inside", get("/up.txt").body());
        assertEquals("below", get("/indir/x.txt").body());
        for (String target : List.of("/out.txt", "/outdir/x.txt", "/outdir/", "/outdir", "/loop", "/dangling", "/")) {
            assertEquals(404, get(target).status(), target);
        }
        assertEquals("-", get("/real.txt", "Accept-Encoding", "gzip").field("Content-Encoding"));
        options = FileOptions.builder().errorPage(404, "out.txt").build();
        assertFalse(get("/none").body().contains("outside"));
    }

    @Test
    void linksMayBeForbidden() throws IOException {
        links();
        options = FileOptions.builder().links(FileOptions.Links.NONE).build();
        for (String target : List.of("/in.txt", "/up.txt", "/indir/x.txt", "/out.txt", "/outdir/x.txt")) {
            assertEquals(404, get(target).status(), target);
        }
        assertEquals("inside", get("/real.txt").body());
    }

    @Test
    void linksMayBeFollowedAnywhere() throws IOException {
        links();
        options = FileOptions.builder().links(FileOptions.Links.ANYWHERE).build();
        assertEquals("outside", get("/out.txt").body());
        assertEquals("other", get("/outdir/x.txt").body());
        assertEquals(404, get("/loop").status());
    }

    @Test
    void theRootItselfMayBeALink() throws IOException {
        file("a.txt", "content");
        root = Files.createSymbolicLink(directory.resolve("current"), root);
        assertEquals("content", get("/a.txt").body());
        options = FileOptions.builder().links(FileOptions.Links.NONE).build();
        assertEquals("content", get("/a.txt").body());
    }

    @Test
    void aPathWithDotsNeverLeavesTheRoot() throws IOException {
        Files.writeString(directory.resolve("outside.txt"), "outside");
        file("d/a.txt", "content");
        for (String target : List.of(
                "/../outside.txt",
                "/%2e%2e/outside.txt",
                "/d/../../outside.txt",
                "/..%2foutside.txt",
                "/%2e%2e%2foutside.txt",
                "/..%5coutside.txt",
                "/d/..%2f..%2foutside.txt",
                "/./../outside.txt",
                "//outside.txt")) {
            assertEquals(404, get(target).status(), target);
        }
    }

    // ---- validators

    @Test
    void aTagIsWeakUntilTheFileHasBeenLeftAlone() throws IOException {
        Path path = file("a", "content");
        for (int millis : new int[] {0, 1_000, 2_000}) {
            Files.setLastModifiedTime(path, FileTime.from(NOW.minusMillis(millis)));
            assertTrue(get("/a").field("ETag").startsWith("W/\""), "after " + millis + " ms");
        }
        Files.setLastModifiedTime(path, FileTime.from(NOW.minusMillis(2_001)));
        assertTrue(get("/a").field("ETag").startsWith("\""));
    }

    @Test
    void tagsDifferByTimeLengthAndCoding() throws IOException {
        Path path = file("a", "content");
        String first = get("/a").field("ETag");
        Files.setLastModifiedTime(path, FileTime.from(OLD.plusMillis(1)));
        String later = get("/a").field("ETag");
        assertNotEquals(first, later);
        Files.writeString(path, "content!");
        Files.setLastModifiedTime(path, FileTime.from(OLD.plusMillis(1)));
        assertNotEquals(later, get("/a").field("ETag"));
    }

    @Test
    void noFileIsFromTheFuture() throws IOException {
        Path path = file("a", "content");
        Files.setLastModifiedTime(path, FileTime.from(NOW.plusSeconds(3600)));
        assertEquals(HttpDate.format(NOW), get("/a").field("Last-Modified"));
        assertTrue(get("/a").field("ETag").startsWith("W/"));
    }

    @ParameterizedTest
    @EnumSource
    void whatThePeerHasIsNotSentAgain(Where where) throws IOException {
        at(where);
        options = FileOptions.builder().cacheControl("max-age=60").build();
        file("a.css", "content");
        Found first = get("/a.css");
        Found found = get("/a.css", "If-None-Match", first.field("ETag"));
        assertEquals(304, found.status());
        assertEquals("", found.body());
        for (String name : List.of("ETag", "Last-Modified", "Cache-Control")) {
            assertEquals(first.field(name), found.field(name));
        }
        assertEquals("-", found.field("Content-Type"));
        assertEquals(
                304,
                get("/a.css", "If-Modified-Since", first.field("Last-Modified")).status());
        assertEquals(200, get("/a.css", "If-None-Match", "\"other\"").status());
        assertEquals(412, get("/a.css", "If-Match", "\"other\"").status());
        assertEquals(304, ask("HEAD", "/a.css", "If-None-Match", "*").status());
    }

    // ---- ranges

    @ParameterizedTest
    @ValueSource(ints = {1_000, 200_000})
    void aRangeIsAPart(int size) throws IOException {
        String content = "0123456789".repeat(size / 10);
        file("a.txt", content);
        Found found = get("/a.txt", "Range", "bytes=5-14");
        assertEquals(206, found.status());
        assertEquals("5678901234", found.body());
        assertEquals("bytes 5-14/" + size, found.field("Content-Range"));
        assertEquals("789", get("/a.txt", "Range", "bytes=-3").body());
        assertEquals(
                content.substring(900), get("/a.txt", "Range", "bytes=900-").body());
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 200_000})
    void severalRangesArePartsOfAMultipart(int size) throws IOException {
        file("a.txt", "0123456789".repeat(size / 10));
        Found found = get("/a.txt", "Range", "bytes=500-502,0-1,-1");
        assertEquals(206, found.status());
        assertEquals("multipart/byteranges; boundary=BOUNDARY", found.field("Content-Type"));
        assertEquals("-", found.field("Content-Range"));
        String type = "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ";
        assertEquals(
                "--BOUNDARY" + type + "500-502/" + size + "\r\n\r\n012"
                        + "\r\n--BOUNDARY" + type + "0-1/" + size + "\r\n\r\n01"
                        + "\r\n--BOUNDARY" + type + (size - 1) + "-" + (size - 1) + "/" + size + "\r\n\r\n9"
                        + "\r\n--BOUNDARY--\r\n",
                found.body());
    }

    @Test
    void whatIsNotThereIs416AndWhatIsNoneIsEverything() throws IOException {
        file("a.txt", "0123456789");
        Found found = get("/a.txt", "Range", "bytes=10-");
        assertEquals(416, found.status());
        assertEquals("bytes */10", found.field("Content-Range"));
        assertEquals(200, get("/a.txt", "Range", "bytes=2-1").status());
        assertEquals(200, get("/a.txt", "Range", "lines=0-1").status());
        assertEquals(
                200, get("/a.txt", "Range", "bytes=0-1", "Range", "bytes=2-3").status());
        assertEquals(200, ask("HEAD", "/a.txt", "Range", "bytes=0-1").status());
        options = FileOptions.builder().rangesLimit(0).build();
        assertEquals(200, get("/a.txt", "Range", "bytes=0-1").status());
        assertEquals("none", get("/a.txt").field("Accept-Ranges"));
        options = FileOptions.builder().rangesLimit(1).build();
        assertEquals(206, get("/a.txt", "Range", "bytes=0-1").status());
        assertEquals(200, get("/a.txt", "Range", "bytes=0-1,4-5").status());
    }

    @Test
    void aPartIsOnlySentOfWhatThePeerHasTheRestOf() throws IOException {
        file("a.txt", "0123456789");
        Found first = get("/a.txt");
        assertEquals(
                206,
                get("/a.txt", "Range", "bytes=5-", "If-Range", first.field("ETag"))
                        .status());
        assertEquals(
                206,
                get("/a.txt", "Range", "bytes=5-", "If-Range", first.field("Last-Modified"))
                        .status());
        Found other = get("/a.txt", "Range", "bytes=5-", "If-Range", "\"other\"");
        assertEquals(200, other.status());
        assertEquals("0123456789", other.body());
    }

    // ---- codings

    @ParameterizedTest
    @EnumSource
    void aPackedSiblingIsSentToWhoAcceptsIt(Where where) throws IOException {
        at(where);
        file("a.js", "plain");
        file("a.js.gz", "gzip");
        file("a.js.br", "brotli");
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("gzip", "gzip");
        expected.put("gzip, br", "brotli");
        expected.put("gzip, br;q=0.5", "gzip");
        expected.put("br;q=0, gzip;q=0", "plain");
        expected.put("*", "brotli");
        expected.put("deflate", "plain");
        expected.put("identity", "plain");
        expected.put("identity;q=0", "plain");
        expected.put("GZIP", "gzip");
        for (Map.Entry<String, String> each : expected.entrySet()) {
            Found found = get("/a.js", "Accept-Encoding", each.getKey());
            assertEquals(each.getValue(), found.body(), each.getKey());
            assertEquals("text/javascript; charset=utf-8", found.field("Content-Type"));
            assertEquals("Accept-Encoding", found.field("Vary"));
            String coding =
                    each.getValue().equals("plain") ? "-" : each.getValue().equals("gzip") ? "gzip" : "br";
            assertEquals(coding, found.field("Content-Encoding"));
        }
        assertEquals("plain", get("/a.js").body());
        assertEquals("Accept-Encoding", get("/a.js").field("Vary"));
        assertNotEquals(
                get("/a.js").field("ETag"),
                get("/a.js", "Accept-Encoding", "gzip").field("ETag"));
        assertEquals(
                "zi",
                get("/a.js", "Accept-Encoding", "gzip", "Range", "bytes=1-2").body());
        assertEquals("application/gzip", get("/a.js.gz").field("Content-Type"));
        assertEquals("-", get("/a.js.gz").field("Content-Encoding"));
        options = FileOptions.builder().codings().build();
        assertEquals("plain", get("/a.js", "Accept-Encoding", "gzip").body());
        assertEquals("-", get("/a.js").field("Vary"));
    }

    @Test
    void aSiblingThatIsOlderIsOfSomethingElse() throws IOException {
        file("a.js", "plain");
        Path packed = file("a.js.gz", "gzip");
        Files.setLastModifiedTime(packed, FileTime.from(OLD.minusSeconds(1)));
        assertEquals("gzip", get("/a.js", "Accept-Encoding", "gzip").body());
        Files.setLastModifiedTime(packed, FileTime.from(OLD.minusMillis(1_001)));
        assertEquals("plain", get("/a.js", "Accept-Encoding", "gzip").body());
    }

    @Test
    void aDirectoryIsNoSibling() throws IOException {
        file("a.js", "plain");
        Files.createDirectory(root.resolve("a.js.gz"));
        assertEquals("plain", get("/a.js", "Accept-Encoding", "gzip").body());
    }

    // ---- lists

    @ParameterizedTest
    @EnumSource
    void aDirectoryIsListedIfThatIsWanted(Where where) throws IOException {
        at(where);
        file("d/<b>&\"'.txt", "x");
        file("d/a b.txt", "1234");
        file("d/z/x", "x");
        file("d/.hidden", "x");
        assertEquals(404, get("/d/").status());
        options = FileOptions.builder().listing(true).build();
        Found found = get("/d/");
        assertEquals("text/html; charset=utf-8", found.field("Content-Type"));
        assertTrue(found.body().contains("<title>/d/</title>"), found.body());
        assertTrue(found.body().contains("<a href=\"./a%20b.txt\">a b.txt</a>"), found.body());
        assertTrue(
                found.body().contains("<a href=\"./%3Cb%3E%26%22%27.txt\">&lt;b&gt;&amp;&quot;&#39;.txt</a>"),
                found.body());
        assertTrue(found.body().contains("<a href=\"./z/\">z/</a>"), found.body());
        assertTrue(found.body().indexOf("z/") < found.body().indexOf("a%20b"), "directories first");
        assertTrue(found.body().contains("../"), found.body());
        assertFalse(found.body().contains("hidden"), found.body());
        assertFalse(get("/").body().contains("../"), "there is nothing above the root");
        options = options.toBuilder().hidden(true).build();
        assertTrue(get("/d/").body().contains(".hidden"));
    }

    @Test
    void whatWouldNotBeServedIsNotListed() throws IOException {
        links();
        Files.delete(root.resolve("index.html"));
        options = FileOptions.builder().listing(true).build();
        String body = get("/").body();
        assertTrue(body.contains("in.txt"), body);
        assertFalse(body.contains("out"), body);
        assertFalse(body.contains("dangling"), body);
        assertFalse(body.contains("loop"), body);
    }

    @Test
    void aListHasSoManyLinesAndNotOneMore() throws IOException {
        for (int i = 0; i < FileListing.MOST_ENTRIES; i++) {
            Files.createFile(root.resolve("f" + i));
        }
        options = FileOptions.builder().listing(true).build();
        assertFalse(get("/").body().contains("The first"));
        Files.createFile(root.resolve("one more"));
        assertTrue(get("/").body().contains("The first 10000 entries"));
    }

    // ---- the rest

    @Test
    void errorsHavePagesOfTheirOwn() throws IOException {
        file("errors/404.html", "<h1>Lost?</h1>");
        options = FileOptions.builder()
                .errorPage(404, "errors/404.html")
                .errorPage(416, "errors/none.html")
                .build();
        Found found = get("/none");
        assertEquals(404, found.status());
        assertEquals("<h1>Lost?</h1>", found.body());
        assertEquals("text/html; charset=utf-8", found.field("Content-Type"));
        assertEquals("-", found.field("ETag"));
        assertEquals(416, get("/errors/404.html", "Range", "bytes=100-").status());
        assertEquals(404, get("/../x").status());
        assertEquals("<h1>Lost?</h1>", get("/../x").body());
    }

    @Test
    void howLongAnAnswerMayBeKeptDependsOnThePath() throws IOException {
        file("index.html", "x");
        file("assets/main.3f2a.js", "x");
        options = FileOptions.builder()
                .cacheControl(path -> path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache")
                .build();
        assertEquals("no-cache", get("/").field("Cache-Control"));
        assertEquals(
                "public, max-age=31536000, immutable",
                get("/assets/main.3f2a.js").field("Cache-Control"));
    }

    @Test
    void aResponseMayBeAFile() throws IOException {
        Path path = file("a.txt", "0123456789".repeat(10_000));
        Response response = Response.file(path);
        assertEquals(
                "text/plain; charset=utf-8",
                response.headers().first("Content-Type").orElseThrow());
        assertEquals("0123456789".repeat(10_000), text(response.body()));
        assertEquals("0123456789".repeat(10_000), text(response.body())); // as often as it is sent
        assertEquals(
                "text/x",
                Response.file(path, "text/x").headers().first("Content-Type").orElseThrow());
        assertThrows(IOException.class, () -> Response.file(root));
        assertThrows(IOException.class, () -> Response.file(root.resolve("none")));
    }

    @Test
    void optionsAreChecked() {
        for (String prefix : List.of("x", "/x/", "/")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> FileOptions.builder().prefix(prefix).build());
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> FileOptions.builder().codings("zip").build());
        assertThrows(
                IllegalArgumentException.class,
                () -> FileOptions.builder().errorPage(200, "x").build());
        assertThrows(
                IllegalArgumentException.class,
                () -> FileOptions.builder().rangesLimit(-1).build());
        FileOptions changed = FileOptions.builder()
                .prefix("/p")
                .listing(true)
                .hidden(true)
                .onLoop(true)
                .rangesLimit(3)
                .errorPage(404, "x")
                .codings("gzip")
                .indexFiles("i")
                .links(FileOptions.Links.NONE)
                .build();
        assertEquals(changed, changed.toBuilder().build());
        assertNull(changed.errorPages().get(500));
    }

    /** Takes a body. */
    private static final class Sink implements BodyOutput {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean ended;

        @Override
        public Connection connection() {
            throw new UnsupportedOperationException();
        }

        @Override
        public BodyOutput send(byte[] source) {
            bytes.writeBytes(source);
            return this;
        }

        @Override
        public BodyOutput send(ByteBuffer source) {
            byte[] copy = new byte[source.remaining()];
            source.get(copy);
            return send(copy);
        }

        @Override
        public BodyOutput send(Bytes source) {
            return send(source.asByteBuffer());
        }

        @Override
        public BodyOutput send(CharSequence text) {
            return send(text.toString().getBytes(UTF_8));
        }

        @Override
        public BodyOutput send(ReceiveBuffer source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public BodyOutput send(FileRegion region) {
            ByteBuffer content = ByteBuffer.allocate((int) region.count());
            try {
                while (content.hasRemaining() && region.read(content, content.position()) >= 0) {
                    // on
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            region.close();
            return send(content.flip());
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void resume() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void end() {
            ended = true;
        }

        @Override
        public void end(Headers trailers) {
            ended = true;
        }

        @Override
        public void abort(String reason) {
            throw new AssertionError(reason);
        }
    }
}
