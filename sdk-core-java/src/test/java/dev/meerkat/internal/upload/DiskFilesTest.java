package dev.meerkat.internal.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFilesTest {
    @TempDir
    Path directory;

    private static DiskStep.Write write(String text) {
        return new DiskStep.Write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private List<DiskStep> stored(String name) {
        return List.of(
                new DiskStep.Create(directory.resolve(".t-" + name)), write("of "), write(name), new DiskStep.Close());
    }

    private DiskStep.Target target(String name) {
        return new DiskStep.Target(directory.resolve(".t-" + name), directory.resolve(name));
    }

    @Test
    void filesGetTheirNamesWhenAllAreThere() throws Exception {
        DiskFiles files = new DiskFiles(new Disk());
        files.run(stored("a"));
        files.run(stored("b"));
        assertEquals(List.of(".t-a", ".t-b"), names());
        files.run(List.of(new DiskStep.Publish(List.of(target("a"), target("b")))));
        assertEquals(List.of("a", "b"), names());
        assertEquals("of a", Files.readString(directory.resolve("a")));
        assertTrue(files.abandon());
        files.remove();
        assertEquals(List.of("a", "b"), names());
    }

    @Test
    void nothingIsOverwrittenAndAllOrNoneGetTheirNames() throws Exception {
        Files.writeString(directory.resolve("b"), "older");
        DiskFiles files = new DiskFiles(new Disk());
        files.run(stored("a"));
        files.run(stored("b"));
        assertThrows(
                FileAlreadyExistsException.class,
                () -> files.run(List.of(new DiskStep.Publish(List.of(target("a"), target("b"))))));
        assertTrue(files.abandon());
        files.remove();
        assertEquals(List.of("b"), names());
        assertEquals("older", Files.readString(directory.resolve("b")));
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Files.createSymbolicLink(directory.resolve("a"), directory.resolve("elsewhere"));
        DiskFiles files = new DiskFiles(new Disk());
        assertThrows(
                FileAlreadyExistsException.class,
                () -> files.run(List.of(new DiskStep.Expect(directory.resolve("a")))));
        files.run(stored("a"));
        assertThrows(
                FileAlreadyExistsException.class, () -> files.run(List.of(new DiskStep.Publish(List.of(target("a"))))));
        assertEquals(List.of(".t-a", "a"), names());
    }

    @Test
    void whatWasGivenUpIsRemovedAndNotBegunAgain() throws Exception {
        DiskFiles files = new DiskFiles(new Disk());
        files.run(stored("a"));
        files.run(List.of(new DiskStep.Create(directory.resolve(".t-b")), write("half")));
        assertTrue(files.abandon());
        assertFalse(files.abandon());
        files.remove();
        assertEquals(List.of(), names());
        files.run(stored("c"));
        assertEquals(List.of(), names());
    }

    @Test
    void whoeverWorksWhenItIsGivenUpRemovesIt() throws Exception {
        List<DiskFiles> under = new ArrayList<>();
        DiskFiles files = new DiskFiles(new Disk() {
            @Override
            void expectNothing(Path file) {
                assertFalse(under.get(0).abandon());
            }
        });
        under.add(files);
        files.run(stored("a"));
        files.run(List.of(new DiskStep.Expect(directory), new DiskStep.Create(directory.resolve(".t-b"))));
        assertEquals(List.of(), names());
    }

    @Test
    void aDiskThatIsFullLeavesNothingBehind() throws Exception {
        DiskFiles files = new DiskFiles(new Disk() {
            @Override
            OutputStream create(Path file) throws IOException {
                return new FilterOutputStream(super.create(file)) {
                    @Override
                    public void write(byte[] bytes, int from, int count) throws IOException {
                        if (bytes[0] == 'a') {
                            throw new FileSystemException(file.toString(), null, "No space left on device");
                        }
                        out.write(bytes, from, count);
                    }
                };
            }
        });
        IOException full = assertThrows(IOException.class, () -> files.run(stored("a")));
        assertEquals(Kind.DISK_FULL, StorageErrors.of(full).kind());
        assertTrue(files.abandon());
        files.remove();
        assertEquals(List.of(), names());
    }

    @Test
    void failuresHaveKindsAndTellThePeerNoPath() {
        assertEquals(Kind.NAME_TAKEN, kind(new FileAlreadyExistsException("/secret/a")));
        assertEquals(Kind.PERMISSION_DENIED, kind(new AccessDeniedException("/secret/a")));
        assertEquals(Kind.PERMISSION_DENIED, kind(new ReadOnlyFileSystemException()));
        assertEquals(Kind.DISK_FULL, kind(new IOException("No space left on device")));
        assertEquals(Kind.DISK_FULL, kind(new IOException("Disk quota exceeded")));
        assertEquals(Kind.DISK_FULL, kind(new IOException("There is not enough space on the disk")));
        assertEquals(Kind.STORAGE_FAILED, kind(new NoSuchFileException("/secret/a")));
        assertEquals(Kind.STORAGE_FAILED, kind(new IOException()));
        assertEquals(Kind.OVERLOADED, kind(new RejectedExecutionException("busy")));
        assertEquals(
                507,
                StorageErrors.of(new IOException("No space left on device")).status());
    }

    private static Kind kind(Throwable failure) {
        MultipartError error = StorageErrors.of(failure);
        assertFalse(error.message().contains("secret"));
        assertEquals(failure, error.cause().orElseThrow());
        return error.kind();
    }
}
