package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ListenException;
import dev.meerkat.ListenOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NioUnixTest extends UnixRules {
    private final NioArm machine = new NioArm();

    @Override
    Arm openArm() {
        return machine;
    }

    @Override
    String me() {
        return System.getProperty("user.name");
    }

    @Test
    void nothingElseIsLeftInTheDirectory() {
        String path = arm.unixPath("socket");
        arm.makeStaleSocket(path);
        Acceptor acceptor = manager().listen("unix:" + path, script());
        assertEquals(1, machine.files().size());
        acceptor.close();
        assertEquals(List.of(), machine.files());
        arm.makeStaleSocket(path);
        ListenOptions mode =
                ListenOptions.builder().socketFilePermissions("rw-------").build();
        acceptor = manager().listen("unix:" + path, mode, script());
        assertEquals(1, machine.files().size());
        acceptor.close();
        assertEquals(List.of(), machine.files());
    }

    /** 106 bytes for the path, 11 of them for the directory in which it gets its mode. */
    @ParameterizedTest
    @CsvSource({"95, true", "96, false"})
    void theDirectoryOfAFileWithAModeHasAtMost95Bytes(int length, boolean fits, @TempDir Path temporary)
            throws IOException {
        int missing = length - temporary.toString().length() - 1;
        assertTrue(missing > 0, "the machine's directories are too deep for this test");
        Path directory = Files.createDirectory(temporary.resolve("d".repeat(missing)));
        String path = directory.resolve("s").toString();
        ListenOptions mode =
                ListenOptions.builder().socketFilePermissions("rw-------").build();
        if (fits) {
            manager().listen("unix:" + path, mode, script()).close();
        } else {
            ListenException thrown =
                    assertThrows(ListenException.class, () -> manager().listen("unix:" + path, mode, script()));
            assertTrue(thrown.getMessage().contains("path too long"), thrown::getMessage);
            assertTrue(thrown.getMessage().contains("which is 9 longer"), thrown::getMessage);
            manager().listen("unix:" + path, script()).close();
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(List.of(), left.toList());
        }
    }

    /** While it gets its mode, the file is where nobody else may enter. */
    @Test
    void nobodyMayEnterWhereAFileGetsItsMode() throws IOException {
        Path directory = Path.of(arm.unixPath("socket")).getParent();
        List<String> seen = new ArrayList<>();
        try (WatchService watch = directory.getFileSystem().newWatchService()) {
            directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            ListenOptions mode =
                    ListenOptions.builder().socketFilePermissions("rw-rw-rw-").build();
            String path = arm.unixPath("socket");
            manager().listen("unix:" + path, mode, script());
            until("the system to tell what was made", () -> {
                WatchKey key = watch.poll();
                if (key != null) {
                    key.pollEvents().forEach(event -> seen.add(String.valueOf(event.context())));
                    key.reset();
                }
                return seen.size() == 2;
            });
            assertEquals(Path.of(path).getFileName().toString(), seen.get(1), "the file comes when it is ready");
            assertTrue(seen.get(0).matches("\\.[0-9a-z]{7}"), seen::toString);
        }
    }

    /**
     * A child plays the other: a JVM cannot change its user. Without root's rights it stays who it is, and has none.
     */
    @Test
    void whoMayNotWriteToTheFileMayNotConnect() throws Exception {
        String path = arm.unixPath("socket");
        Files.setPosixFilePermissions(Path.of(path).getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        ListenOptions mode = ListenOptions.builder()
                .socketFilePermissions("root".equals(me()) ? "rw-rw----" : "---------")
                .build();
        manager().listen("unix:" + path, mode, script());
        String program = """
                use Socket;
                if ($> == 0) { $) = "65534 65534"; $( = 65534; $< = $> = 65534; die "still root" if $> == 0; }
                socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die;
                print(connect($s, pack_sockaddr_un($ARGV[0])) ? "connected" : "$!");
                """;
        ProcessBuilder builder = new ProcessBuilder("perl", "-e", program, path).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process stranger = builder.start();
        assertEquals("Permission denied", stranger.inputReader().readLine());
        stranger.waitFor();
    }
}
