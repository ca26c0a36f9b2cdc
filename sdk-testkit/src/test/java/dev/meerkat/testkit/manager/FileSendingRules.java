package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ErrorHook;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.TcpEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are sent: in order, whole or not at all, without memory, closed once. */
abstract class FileSendingRules extends ManagerRules {
    /** The largest file that is read at once. */
    private static final int AT_ONCE = 16 << 10;

    private static final int MOST_FILES = 64;

    @TempDir
    Path directory;

    private int files;

    /** A file with a content in which every place can be told from its neighbours. */
    final Path file(byte[] content) throws IOException {
        return Files.write(directory.resolve("file-" + ++files), content);
    }

    /** A region that counts how often it is closed, for what it is named. */
    private FileRegion counted(Path path, long position, long count, List<String> closed, String name)
            throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        return FileRegion.of(channel, position, count, () -> {
            closed.add(name);
            try {
                channel.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private FileRegion counted(Path path, List<String> closed, String name) throws IOException {
        return counted(path, 0, Files.size(path), closed, name);
    }

    /** A connection to a peer that does not read, with little room in between. */
    final Peer slow(Script script, Change<ConnectionOptions.Builder> change) {
        return accepted(
                        listening(options -> {
                            options.sendBufferBytes(SMALL_PEER.sendBufferBytes());
                            change.apply(options);
                        }),
                        SMALL_PEER,
                        script)
                .stopReading();
    }

    // ---- what arrives

    @ParameterizedTest
    @ValueSource(ints = {0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 65_536, 65_537, 2_097_152, 2_097_153, 5_000_000})
    void aFileOfAnySizeArrivesWholeAndIsClosedOnce(int size) throws IOException {
        List<String> closed = new ArrayList<>();
        Script script = script();
        Peer peer = accepted(script);
        FileRegion region = counted(file(pattern(size)), closed, "file");
        inTurn(() -> script.connection().send("<").send(region).send(">"));
        until("all of it", () -> peer.receivedCount() == size + 2);
        assertArrayEquals(framed(pattern(size)), peer.received());
        assertEquals(List.of("file"), closed);
        assertEquals(0, script.connection().pendingBytes());
        assertEquals(0, script.connection().pendingFileBytes());
    }

    private static byte[] framed(byte[] content) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write('<');
        all.writeBytes(content);
        all.write('>');
        return all.toByteArray();
    }

    @Test
    void aPartOfAFileIsThatPart() throws IOException {
        byte[] content = pattern(300_000);
        Script script = script();
        Peer peer = accepted(script);
        FileRegion region = FileRegion.of(FileChannel.open(file(content)), 100_001, 150_003);
        inTurn(() -> script.connection().send(region));
        until("all of it", () -> peer.receivedCount() >= 150_003);
        settle();
        byte[] expected = new byte[150_003];
        System.arraycopy(content, 100_001, expected, 0, expected.length);
        assertArrayEquals(expected, peer.received());
        assertFalse(region.file().isOpen());
    }

    @Test
    void filesAndBytesKeepTheirOrderHoweverSlowThePeerIs() throws IOException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        List<String> closed = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Script script = script();
        Peer peer = slow(script, options -> {});
        List<Runnable> sends = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            byte[] bytes = pattern(i % 3 == 0 ? 70_000 : 10 + i);
            byte[] content = pattern(i % 2 == 0 ? 5_000 + i : 200_000 + i);
            FileRegion region = counted(file(content), closed, "file " + i);
            names.add("file " + i);
            sends.add(() -> script.connection().send(bytes).send(region));
            expected.writeBytes(bytes);
            expected.writeBytes(content);
        }
        inTurn(() -> sends.subList(0, 6).forEach(Runnable::run));
        settle();
        inTurn(() -> sends.subList(6, 12).forEach(Runnable::run));
        settle();
        peer.startReading();
        until("all of it", () -> peer.receivedCount() >= expected.size());
        assertArrayEquals(expected.toByteArray(), peer.received());
        assertEquals(
                names, closed.stream().sorted((a, b) -> number(a) - number(b)).toList());
        assertEquals(0, script.connection().pendingBytes());
    }

    private static int number(String name) {
        return Integer.parseInt(name.substring(5));
    }

    @Test
    void inputThatIsSentOnStaysBehindAFile() throws IOException {
        byte[] content = pattern(100_000);
        Path path = file(content);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        Script script = script().on(TcpEvent.Received.class, (connection, event) -> {
            byte[] input = new byte[event.buffer().size()];
            event.buffer().view().get(input);
            try {
                connection.send(FileRegion.open(path)).send(event.buffer());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            expected.writeBytes(content);
            expected.writeBytes(input);
        });
        Peer peer = accepted(script).send(pattern(20_000));
        until("the file and the echo", () -> expected.size() > 0 && peer.receivedCount() == expected.size());
        assertArrayEquals(expected.toByteArray(), peer.received());
    }

    @Test
    void whatIsSentBeforeTheConnectionStandsLeavesInOrder() throws IOException {
        byte[] content = pattern(100_000);
        Path path = file(content);
        Script script = script();
        FileRegion region = FileRegion.open(path);
        var listener = peerListener();
        Connection connection = manager().connect(addressOf(listener), script);
        inTurn(() -> connection.send("<").send(region).send(">"));
        Peer peer = accept(listener);
        until("all of it", () -> peer.receivedCount() == content.length + 2);
        assertArrayEquals(framed(content), peer.received());
    }

    @Test
    void theOutputEndsBehindTheFile() throws IOException {
        byte[] content = pattern(1_500_000);
        FileRegion region = FileRegion.open(file(content));
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> script.connection().send(region).shutdownOutput());
        until("the end", peer::hasEnded);
        assertArrayEquals(content, peer.received());
        assertTrue(script.connection().isOpen());
    }

    @Test
    void closeWaitsForTheFile() throws IOException {
        byte[] content = pattern(1_500_000);
        FileRegion region = FileRegion.open(file(content));
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> script.connection().send(region).send(".").close());
        until("the end", peer::hasEnded);
        assertEquals(content.length + 1, peer.receivedCount());
        peer.close();
        untilClosed(script);
        assertEquals("clean, by LOCAL", script.closeReason().toString());
    }

    // ---- marks and limits

    @Test
    void whileMuchOfAFileWaitsNobodyShouldSendMore() throws IOException {
        FileRegion region = FileRegion.open(file(pattern(MORE_THAN_FITS)));
        List<Integer> pendingThen = new ArrayList<>();
        Script script = script();
        script.on(TcpEvent.Drained.class, (connection, event) -> pendingThen.add(connection.pendingBytes()));
        Peer peer = slow(script, options -> {});
        Connection connection = script.connection();
        inTurn(() -> {
            connection.send(region);
            assertFalse(connection.isWritable());
            assertEquals(MORE_THAN_FITS, connection.pendingBytes());
            assertEquals(MORE_THAN_FITS, connection.pendingFileBytes());
        });
        settle();
        assertFalse(script.has(TcpEvent.Drained.class));
        assertTrue(connection.pendingBytes() > ConnectionOptions.DEFAULT.highWaterMark());
        peer.startReading();
        until("Drained", () -> script.has(TcpEvent.Drained.class));
        until("all of it", () -> peer.receivedCount() == MORE_THAN_FITS);
        settle();
        assertEquals(1, pendingThen.size());
        assertTrue(pendingThen.get(0) <= ConnectionOptions.DEFAULT.lowWaterMark(), pendingThen::toString);
        assertTrue(connection.isWritable());
    }

    @Test
    void aFileDoesNotCountAgainstTheSendLimit() throws IOException {
        FileRegion region = FileRegion.open(file(pattern(100_000)));
        Script script = script();
        Peer peer = accepted(
                listening(options -> options.lowWaterMark(1).highWaterMark(2).sendLimit(1_000)), script);
        inTurn(() -> {
            script.connection().send(region).send(pattern(1_000));
            assertThrows(SendLimitException.class, () -> script.connection().send("x"));
        });
        until("all of it", () -> peer.receivedCount() == 101_000);
    }

    @Test
    void aFileThatIsReadAtOnceIsBytes() throws IOException {
        List<String> closed = new ArrayList<>();
        FileRegion fits = counted(file(pattern(1_000)), closed, "fits");
        FileRegion tooMuch = counted(file(pattern(1)), closed, "one too many");
        Script script = script();
        Peer peer = accepted(
                listening(options -> options.lowWaterMark(1).highWaterMark(2).sendLimit(1_000)), script);
        inTurn(() -> {
            script.connection().send(fits);
            assertEquals(1_000, script.connection().pendingBytes());
            assertEquals(0, script.connection().pendingFileBytes());
            assertThrows(SendLimitException.class, () -> script.connection().send(tooMuch));
        });
        until("all of it", () -> peer.receivedCount() == 1_000);
        assertEquals(List.of("fits", "one too many"), closed);
    }

    @Test
    void soManyFilesMayWaitAndNotOneMore() throws IOException {
        List<String> closed = new ArrayList<>();
        Path path = file(pattern(AT_ONCE + 1));
        List<FileRegion> regions = new ArrayList<>();
        for (int i = 0; i <= MOST_FILES; i++) {
            regions.add(counted(path, closed, "file " + i));
        }
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> {
            regions.subList(0, MOST_FILES).forEach(script.connection()::send);
            assertThrows(SendLimitException.class, () -> script.connection().send(regions.get(MOST_FILES)));
        });
        assertTrue(closed.contains("file " + MOST_FILES));
        until("all of it", () -> peer.receivedCount() == MOST_FILES * (AT_ONCE + 1));
        assertEquals(MOST_FILES + 1, closed.stream().distinct().count());
        assertEquals(MOST_FILES + 1, closed.size());
    }

    @Test
    void aWaitingFileHoldsNoMoreThanASliceOfItself() throws IOException {
        FileRegion region = FileRegion.open(file(pattern(MORE_THAN_FITS)));
        Script script = script();
        Peer peer = slow(script, options -> {});
        inTurn(() -> script.connection().send(region));
        settle();
        long inMemory = script.connection().pendingBytes() - script.connection().pendingFileBytes();
        assertTrue(inMemory <= 64 << 10, "in memory: " + inMemory);
        assertTrue(manager().statistics().segmentsInUse() <= 5, manager().statistics()::toString);
        peer.startReading();
        until("all of it", () -> peer.receivedCount() == MORE_THAN_FITS);
        settle();
        assertEquals(0, manager().statistics().segmentsInUse());
    }

    @Test
    void sentCountsTheBytesOfFiles() throws IOException {
        FileRegion region = FileRegion.open(file(pattern(300_000)));
        Script script = script();
        Peer peer = accepted(listening(options -> options.sentEvents(true)), script);
        inTurn(() -> script.connection().send("head").send(region));
        until("all of it", () -> peer.receivedCount() == 300_004);
        settle();
        assertEquals(
                300_004,
                script.all(TcpEvent.Sent.class).stream()
                        .mapToLong(TcpEvent.Sent::count)
                        .sum());
        assertEquals(300_004, manager().statistics().bytesSent());
    }

    @Test
    void othersHaveTheirTurnWhileALargeFileLeaves() throws IOException {
        FileRegion region = FileRegion.open(file(pattern(16 << 20)));
        long[] largest = new long[1];
        long[] before = new long[1];
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> {
            script.connection().send(region);
            before[0] = 16 << 20;
        });
        until("all of it", () -> {
            long left = script.connection().pendingBytes();
            largest[0] = Math.max(largest[0], before[0] - left);
            before[0] = left;
            return peer.receivedCount() == 16 << 20;
        });
        // what one wait lets happen is a turn or two
        assertTrue(largest[0] <= 4 << 20, "left in one turn: " + largest[0]);
    }

    // ---- failing

    @Test
    void aFileThatBecomesShorterEndsTheConnection() throws IOException {
        List<String> closed = new ArrayList<>();
        Path path = file(pattern(MORE_THAN_FITS));
        FileRegion region = counted(path, closed, "file");
        FileRegion next = counted(file(pattern(50_000)), closed, "next");
        Script script = script();
        Peer peer = slow(script, options -> {});
        inTurn(() -> script.connection().send(region).send("behind it").send(next));
        settle();
        try (FileChannel shortened = FileChannel.open(path, StandardOpenOption.WRITE)) {
            shortened.truncate(MORE_THAN_FITS / 2 + 1);
        }
        peer.startReading();
        untilClosed(script);
        untilAborted(peer);
        assertEquals(
                Kind.FILE_FAILED, script.closeReason().error().orElseThrow().kind());
        assertTrue(peer.receivedCount() <= MORE_THAN_FITS / 2 + 1, "received: " + peer.receivedCount());
        assertEquals(List.of("file", "next"), closed);
    }

    @Test
    void aSmallFileThatBecameShorterEndsTheConnectionAtOnce() throws IOException {
        List<String> closed = new ArrayList<>();
        Path path = file(pattern(1_000));
        FileRegion region = counted(path, closed, "file");
        try (FileChannel shortened = FileChannel.open(path, StandardOpenOption.WRITE)) {
            shortened.truncate(999);
        }
        Script script = script();
        accepted(script);
        inTurn(() -> script.connection().send(region));
        untilClosed(script);
        assertEquals(
                Kind.FILE_FAILED, script.closeReason().error().orElseThrow().kind());
        assertEquals(List.of("file"), closed);
    }

    @Test
    void aFileThatCannotBeReadEndsTheConnection() throws IOException {
        FileRegion region = FileRegion.open(file(pattern(100_000)));
        Script script = script();
        accepted(script);
        inTurn(() -> {
            script.connection().send(region);
            try {
                region.file().close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        untilClosed(script);
        assertEquals(
                Kind.FILE_FAILED, script.closeReason().error().orElseThrow().kind());
    }

    @Test
    void aFileThatGrowsIsSentAsLongAsItWas() throws IOException {
        byte[] content = pattern(MORE_THAN_FITS);
        Path path = file(content);
        FileRegion region = FileRegion.open(path);
        Files.write(path, new byte[1_000], StandardOpenOption.APPEND);
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> script.connection().send(region).close());
        until("the end", peer::hasEnded);
        assertArrayEquals(content, peer.received());
    }

    @Test
    void abortClosesAllFilesOnce() throws IOException {
        List<String> closed = new ArrayList<>();
        FileRegion first = counted(file(pattern(MORE_THAN_FITS)), closed, "first");
        FileRegion second = counted(file(pattern(20_000)), closed, "second");
        Script script = script();
        slow(script, options -> {});
        inTurn(() -> script.connection().send(first).send(second));
        settle();
        assertEquals(List.of(), closed);
        inTurn(() -> script.connection().abort());
        assertEquals(List.of("first", "second"), closed);
        untilClosed(script);
    }

    @Test
    void aResetByThePeerClosesAllFilesOnce() throws IOException {
        List<String> closed = new ArrayList<>();
        FileRegion first = counted(file(pattern(MORE_THAN_FITS)), closed, "first");
        Script script = script();
        Peer peer = slow(script, options -> {});
        inTurn(() -> script.connection().send(first));
        settle();
        peer.reset();
        untilClosed(script);
        assertEquals(Kind.RESET, script.closeReason().error().orElseThrow().kind());
        assertEquals(List.of("first"), closed);
    }

    @Test
    void closingTheManagerClosesAllFilesOnce() throws IOException {
        List<String> closed = new ArrayList<>();
        FileRegion first = counted(file(pattern(MORE_THAN_FITS)), closed, "first");
        FileRegion second = counted(file(pattern(20_000)), closed, "second");
        Script script = script();
        slow(script, options -> {});
        inTurn(() -> script.connection().send(first).send(second));
        manager().close();
        assertEquals(List.of("first", "second"), closed);
        assertEquals(
                Kind.MANAGER_CLOSED, script.closeReason().error().orElseThrow().kind());
    }

    @Test
    void whatCannotBeSentIsClosedAllTheSame() throws IOException {
        List<String> closed = new ArrayList<>();
        FileRegion large = counted(file(pattern(20_000)), closed, "large");
        FileRegion small = counted(file(pattern(20)), closed, "small");
        Script script = script();
        accepted(script);
        inTurn(() -> {
            Connection connection = script.connection();
            connection.abort();
            assertThrows(ConnectionClosedException.class, () -> connection.send(large));
            assertThrows(ConnectionClosedException.class, () -> connection.send(small));
        });
        assertEquals(List.of("large", "small"), closed);
    }

    @Test
    void aRegionIsSentOnce() throws IOException {
        FileRegion region = FileRegion.open(file(pattern(100_000)));
        FileRegion gone = FileRegion.open(file(pattern(100_000)));
        gone.close();
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> {
            script.connection().send(region);
            assertThrows(IllegalStateException.class, () -> script.connection().send(region));
            assertThrows(IllegalStateException.class, () -> script.connection().send(gone));
        });
        until("all of it", () -> peer.receivedCount() == 100_000);
    }

    @Test
    void aFileHasNoPartBeyondItsEnd() throws IOException {
        try (FileChannel channel = FileChannel.open(file(pattern(100)))) {
            assertThrows(IllegalArgumentException.class, () -> FileRegion.of(channel, 0, 101));
            assertThrows(IllegalArgumentException.class, () -> FileRegion.of(channel, 100, 1));
            assertThrows(IllegalArgumentException.class, () -> FileRegion.of(channel, -1, 1));
            assertThrows(IllegalArgumentException.class, () -> FileRegion.of(channel, 1, -1));
            assertThrows(IllegalArgumentException.class, () -> FileRegion.of(channel, Long.MAX_VALUE, 1));
            assertEquals(0, FileRegion.of(channel, 100, 0).count());
            ByteBuffer target = ByteBuffer.allocate(10);
            FileRegion part = FileRegion.of(channel, 90, 5);
            assertEquals(5, part.read(target, 0));
            assertEquals(-1, part.read(target, 5));
        }
    }

    @Test
    void whoThrowsWhenAFileIsClosedIsReportedAndHarmsNobody() throws IOException {
        FileChannel channel = FileChannel.open(file(pattern(100_000)));
        FileRegion region = FileRegion.of(channel, 0, 100_000, () -> {
            throw new IllegalStateException("planted");
        });
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> script.connection().send(region).send("."));
        until("all of it", () -> peer.receivedCount() == 100_001);
        assertEquals(ErrorHook.Source.TASK, takeFailure().source());
        channel.close();
    }

    @Test
    void whoHearsThatAFileHasLeftMayEndTheConnection() throws IOException {
        List<String> closed = new ArrayList<>();
        Script script = script();
        Peer peer = accepted(script);
        FileChannel channel = FileChannel.open(file(pattern(100_000)));
        FileRegion region = FileRegion.of(channel, 0, 100_000, () -> {
            closed.add("first");
            script.connection().abort();
        });
        FileRegion next = counted(file(pattern(100_000)), closed, "next");
        inTurn(() -> script.connection().send(region).send(next).send("."));
        untilClosed(script);
        assertEquals(List.of("first", "next"), closed);
        untilAborted(peer);
        channel.close();
    }
}
