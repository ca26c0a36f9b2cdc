package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.event.FileRegion;
import dev.meerkat.http.FileHandler;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Response;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files whose length no int holds, signed or not. They have holes: 5 GiB, and words around 2 GiB, 4 GiB and the end.
 */
abstract class LargeFileRules extends HttpClientRulesBase {
    static final long LENGTH = 5L << 30;
    static final long TWO_GIB = 1L << 31;
    static final long FOUR_GIB = 1L << 32;

    /** What a connection may hold of a file, and a head. */
    private static final long IN_MEMORY = 65_536 + 1_000;

    @TempDir
    Path root;

    Path large = Path.of("");

    @BeforeEach
    void makeFile() throws IOException {
        large = root.resolve("large.bin");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(LENGTH);
            write(file, TWO_GIB - 4, "aroundG2");
            write(file, FOUR_GIB - 4, "aroundG4");
            write(file, LENGTH - 7, "the end");
        }
        assertEquals(LENGTH, Files.size(large));
    }

    private static void write(RandomAccessFile file, long position, String text) throws IOException {
        file.seek(position);
        file.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String served() {
        Acceptor acceptor = manager()
                .listen(
                        arm.host() + ":0",
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                        HttpServer.handler(HttpServerRules.TIMELESS, FileHandler.of(root)));
        return "http://" + arm.host() + ":" + acceptor.port() + "/large.bin";
    }

    /** The connection on which a file waits. */
    private Connection waiting() {
        return manager().connections().stream()
                .filter(each -> each.pendingFileBytes() > 0)
                .findFirst()
                .orElseThrow();
    }

    // ---- the server

    @Test
    void theLengthIsSaidWhole() {
        ClientResponse head = send(ClientRequest.head(served()));
        assertEquals(200, head.status());
        assertEquals("5368709120", head.head().headers().first("Content-Length").orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "2147483644-2147483651, aroundG2",
        "2147483647-2147483647, u",
        "2147483648-2147483648, n",
        "4294967292-4294967299, aroundG4",
        "4294967296-4294967296, n",
        "5368709113-5368709119, the end",
        "5368709113-99999999999, the end",
        "5368709119-, d",
        "-7, the end"
    })
    void aRangeAnywhereIsThatRange(String range, String content) {
        ClientResponse response = send(ClientRequest.get(served()).withHeader("Range", "bytes=" + range));
        assertEquals(206, response.status());
        assertEquals(content, response.text());
        String said = response.head().headers().first("Content-Range").orElseThrow();
        assertTrue(said.endsWith("/5368709120"), said);
    }

    @Test
    void severalRangesAreThoseRanges() {
        String body = send(ClientRequest.get(served())
                        .withHeader("Range", "bytes=2147483644-2147483651,4294967292-4294967299,-7"))
                .text();
        assertTrue(
                body.matches("(?s).*2147483644-2147483651/5368709120\r\n\r\naroundG2\r\n"
                        + ".*4294967292-4294967299/5368709120\r\n\r\naroundG4\r\n"
                        + ".*5368709113-5368709119/5368709120\r\n\r\nthe end\r\n.*"),
                body);
    }

    @Test
    void whatIsBehindTheEndIsNoRange() {
        ClientResponse response = send(ClientRequest.get(served()).withHeader("Range", "bytes=5368709120-"));
        assertEquals(416, response.status());
        assertEquals(
                "bytes */5368709120",
                response.head().headers().first("Content-Range").orElseThrow());
    }

    @Test
    void aLargeFileNeedsNoMoreMemoryThanASmallOne() {
        Peer peer = peer(
                        manager()
                                .listen(
                                        arm.listenAddress(),
                                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                                        HttpServer.handler(HttpServerRules.TIMELESS, FileHandler.of(root))),
                        SMALL_PEER)
                .stopReading();
        peer.send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
        until("the file to wait", () -> manager().connections().stream().anyMatch(each -> each.pendingFileBytes() > 0));
        Connection connection = waiting();
        for (int i = 0; i < 10; i++) {
            int before = peer.receivedCount();
            settle();
            long files = connection.pendingFileBytes();
            assertTrue(files > FOUR_GIB && files < LENGTH, "of the file: " + files);
            long inMemory = connection.pendingBytes() - files;
            assertTrue(inMemory <= IN_MEMORY, "in memory: " + inMemory);
            peer.startReading();
            until("a part", () -> peer.receivedCount() > before + 50_000);
            peer.stopReading();
        }
        peer.reset();
        until("the end", () -> manager().connections().isEmpty());
    }

    // ---- regions

    @Test
    void aRegionMayHaveMoreThanTwoGigabytesAndIsClosedOnceIfItDoesNotLeave() throws IOException {
        List<String> closed = new ArrayList<>();
        Script script = script();
        Peer peer = peer(
                        listen(listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), script),
                        SMALL_PEER)
                .stopReading();
        until("the connection", script::isOpened);
        FileChannel channel = FileChannel.open(large);
        FileRegion region = FileRegion.of(channel, 1, LENGTH - 1, () -> closed.add("closed"));
        assertEquals(LENGTH - 1, region.count());
        inTurn(() -> script.connection().send(region));
        settle();
        long files = script.connection().pendingFileBytes();
        assertTrue(files > FOUR_GIB && files < LENGTH, "of the file: " + files);
        assertTrue(script.connection().pendingBytes() - files <= IN_MEMORY);
        assertEquals(List.of(), closed);
        inTurn(() -> script.connection().abort());
        assertEquals(List.of("closed"), closed);
        peer.startReading();
        untilAborted(peer);
        channel.close();
    }

    @Test
    void noRegionGoesBeyondTheEnd() throws IOException {
        try (FileChannel channel = FileChannel.open(large)) {
            assertEquals(LENGTH, FileRegion.of(channel, 0, LENGTH, () -> {}).count());
            assertEquals(0, FileRegion.of(channel, LENGTH, 0, () -> {}).count());
            assertThrows(IllegalArgumentException.class, () -> FileRegion.of(channel, 0, LENGTH + 1));
            assertThrows(IllegalArgumentException.class, () -> FileRegion.of(channel, LENGTH, 1));
            assertThrows(IllegalArgumentException.class, () -> FileRegion.of(channel, Long.MAX_VALUE, 2));
        }
    }

    // ---- the client

    @Test
    void anUploadOfALargeFileSaysItsLengthAndNeedsNoMemory() throws IOException {
        List<String> lengths = new ArrayList<>();
        Acceptor acceptor = manager()
                .listen(
                        arm.host() + ":0",
                        HttpServer.handler(HttpServerRules.TIMELESS, HttpHandler.streaming(request -> {
                            lengths.add(request.header("Content-Length").orElse("-"));
                            assertEquals(LENGTH, request.body().length().orElse(-1));
                            return Response.later(new CompletableFuture<>());
                        })));
        CompletableFuture<ClientResponse> call = client().send(ClientRequest.put(
                "http://" + arm.host() + ":" + acceptor.port(), ClientBody.file("application/octet-stream", large)));
        until("the head", () -> !lengths.isEmpty());
        settle();
        assertEquals(List.of("5368709120"), lengths);
        Connection connection = waiting();
        long files = connection.pendingFileBytes();
        assertTrue(files > FOUR_GIB && files < LENGTH, "of the file: " + files);
        assertTrue(connection.pendingBytes() - files <= IN_MEMORY);
        assertFalse(call.isDone());
        call.cancel(true);
        until(
                "the file to be given up",
                () -> manager().connections().stream().allMatch(each -> each.pendingFileBytes() == 0));
    }
}
