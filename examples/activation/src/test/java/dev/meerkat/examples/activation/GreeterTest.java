package dev.meerkat.examples.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.testkit.SimWorld;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM that is started with a listening socket as descriptor 0, as a service manager does it. The JDK cannot pass a
 * socket to a child, so that a few lines of Perl, which every system has that has git, play the service manager.
 */
@Timeout(60)
class GreeterTest {
    /** Opens a socket, becomes its owner's child with the socket as standard input, and then the command itself. */
    private static final String TCP = """
            use Socket;
            socket(S, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
            bind(S, sockaddr_in(0, INADDR_LOOPBACK)) or die "bind: $!";
            listen(S, 16) or die "listen: $!";
            open(STDIN, "<&", \\*S) or die "dup: $!";
            close(S);
            exec(@ARGV) or die "exec: $!";
            """;

    private static final String UNIX = TCP.replace("PF_INET", "PF_UNIX")
            .replace("sockaddr_in(0, INADDR_LOOPBACK)", "sockaddr_un($ENV{SOCKET_PATH})");

    private static final String DATAGRAM =
            TCP.replace("SOCK_STREAM", "SOCK_DGRAM").replace("listen(S, 16) or die \"listen: $!\";", "");

    private @Nullable Process process;

    @TempDir
    private Path directory;

    @AfterEach
    void end() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroy();
            running.waitFor();
        }
    }

    /** Starts the greeter below a launcher; answers what it prints. */
    private BufferedReader start(String... launcher) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Greeter.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SOCKET_PATH", path().toString());
        Process started = builder.start();
        process = started;
        return started.inputReader(StandardCharsets.UTF_8);
    }

    private Path path() {
        return directory.resolve("socket");
    }

    private static void requireInstalled(String program) {
        boolean found = Pattern.compile(Pattern.quote(System.getProperty("path.separator")))
                .splitAsStream(System.getenv("PATH"))
                .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
        assertTrue(found, program + " is not installed; .ci/run does that");
    }

    private static String greetingOn(SocketAddress address) throws IOException {
        try (SocketChannel channel = SocketChannel.open(address)) {
            ByteBuffer bytes = ByteBuffer.allocate(200);
            while (channel.read(bytes) >= 0) {
                // until it ends
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        }
    }

    private static String lineOf(BufferedReader output) throws IOException {
        String line = output.readLine();
        assertNotNull(line, "the program ended without a word");
        return line;
    }

    private static InetSocketAddress tcpAddressIn(String line) {
        Matcher matcher = Pattern.compile("greeting on /127\\.0\\.0\\.1:(\\d+)").matcher(line);
        assertTrue(matcher.matches(), line);
        return new InetSocketAddress("127.0.0.1", Integer.parseInt(matcher.group(1)));
    }

    @Test
    void aJvmServesTheSocketThatItWasStartedWith() throws IOException {
        requireInstalled("perl");
        BufferedReader output = start("perl", "-e", TCP);
        SocketAddress address = tcpAddressIn(lineOf(output));
        assertEquals("hello, stranger\n", greetingOn(address));
        assertEquals("hello, stranger\n", greetingOn(address));
    }

    @Test
    void aSocketOfTheUnixDomainMayBeInheritedToo() throws IOException {
        requireInstalled("perl");
        BufferedReader output = start("perl", "-e", UNIX);
        assertEquals("greeting on " + path(), lineOf(output));
        assertEquals(
                "hello, " + System.getProperty("user.name") + "\n", greetingOn(UnixDomainSocketAddress.of(path())));
    }

    @Test
    void anotherKindOfSocketIsRefusedAndNamed() throws IOException {
        requireInstalled("perl");
        BufferedReader output = start("perl", "-e", DATAGRAM);
        String all = output.lines().reduce("", (one, other) -> one + other + "\n");
        assertTrue(all.contains("NotAdoptableException: cannot adopt the inherited socket: descriptor 0 is"), all);
        assertTrue(all.contains("expected a listening socket"), all);
    }

    @Test
    void withoutASocketItListensItself() throws IOException {
        SimWorld.run(world -> {
            world.host("server").start(manager -> Greeter.start(manager, "tcp://:80"));
            world.host("client").stream("server", 80)
                    .expectText("hello, stranger\n")
                    .expectEnd();
        });
    }

    @Test
    void theUnitFilesSayWhatTheProgramNeeds() throws IOException {
        String socket = Files.readString(Path.of("systemd/greeter.socket"));
        String service = Files.readString(Path.of("systemd/greeter.service"));
        assertTrue(socket.contains("\nAccept=no\n"));
        assertTrue(service.contains("\nStandardInput=socket\n"));
        assertTrue(service.contains("\nStandardOutput=journal\n"));
        assertTrue(service.contains(Greeter.class.getName()));
    }
}
