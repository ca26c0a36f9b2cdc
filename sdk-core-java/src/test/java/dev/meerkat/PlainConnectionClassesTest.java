package dev.meerkat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.TcpEvent;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** TLS costs nothing where it is not used: no class of it begins to live, neither ours nor the JDK's. */
class PlainConnectionClassesTest {
    /** What the JVM says with {@code -Xlog:class+init}. */
    private static final Pattern INITIALIZED = Pattern.compile("Initializing '([^']+)'");

    private static final Pattern OF_TLS =
            Pattern.compile("dev/meerkat/(tls|internal/tls|internal/secure)/.*|sun/security/ssl/.*|javax/net/ssl/.*");

    /** An echo between two connections of a manager, in a JVM of its own. */
    static final class Plain {
        private Plain() {}

        public static void main(String[] args) throws Exception {
            CountDownLatch echoed = new CountDownLatch(1);
            try (EventManager manager = EventManager.create()) {
                Acceptor acceptor = manager.listen("127.0.0.1:0", (connection, event) -> {
                    if (event instanceof TcpEvent.Received received) {
                        connection.send(received.buffer());
                    }
                });
                manager.connect("127.0.0.1:" + acceptor.port(), (connection, event) -> {
                    if (event instanceof TcpEvent.Opened) {
                        connection.send("hello");
                    } else if (event instanceof TcpEvent.Received received
                            && received.takeText().equals("hello")) {
                        echoed.countDown();
                    }
                });
                manager.start();
                echoed.await();
            }
            System.out.println("echoed");
        }
    }

    @Test
    void aPlainConnectionInitializesNoClassOfTls() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+init=info",
                        "-cp",
                        home(EventManager.class) + File.pathSeparator + home(Plain.class),
                        Plain.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("echoed"), output);
        List<String> names = INITIALIZED
                .matcher(output)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertTrue(names.contains("dev/meerkat/internal/connection/RealConnection"), "the log is understood");
        assertEquals(
                List.of(),
                names.stream().filter(name -> OF_TLS.matcher(name).matches()).toList());
    }

    private static String home(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }
}
