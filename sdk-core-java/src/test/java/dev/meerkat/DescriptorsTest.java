package dev.meerkat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.TcpEvent;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A process that runs out of descriptors before it has served anybody: nothing is warm by then. */
class DescriptorsTest {
    @Test
    @Timeout(60)
    @DisabledOnOs(OS.WINDOWS) // has no limit that a test could set
    void aColdProcessSurvivesAFullTableAndSaysSo() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = home(EventManager.class) + File.pathSeparator + home(DescriptorsTest.class);
        String command = "ulimit -n 40 && exec \"$0\" -Xshare:auto -cp \"$1\" \"$2\"";
        Process process = new ProcessBuilder("sh", "-c", command, java, classes, ColdProcess.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("the system could not accept") && said.contains("Too many open files"), said);
        assertTrue(said.contains("closed clean, by PEER"), said);
    }

    private static Path home(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Lets a client wait in the backlog until there is a descriptor for it. */
    static final class ColdProcess {
        private static int closed;

        private ColdProcess() {}

        /** The process. */
        public static void main(String[] args) throws IOException {
            try (EventManager manager = EventManager.create()) {
                Acceptor acceptor = manager.listen("tcp://127.0.0.1:0", (connection, event) -> {
                    if (event instanceof TcpEvent.Closed end) {
                        closed++;
                        System.out.println("closed " + end.reason());
                    }
                });
                Socket client = new Socket("127.0.0.1", acceptor.port());
                Deque<FileInputStream> fillers = fillers();
                manager.runOnce(Duration.ofSeconds(10));
                fillers.pop().close();
                while (manager.connections().isEmpty()) {
                    manager.runOnce(Duration.ofSeconds(10));
                }
                client.shutdownOutput(); // the end needs classes of its own, and the table is full again
                while (closed == 0) {
                    manager.runOnce(Duration.ofSeconds(10));
                }
                client.close();
            }
        }

        private static Deque<FileInputStream> fillers() {
            Deque<FileInputStream> fillers = new ArrayDeque<>();
            while (true) {
                try {
                    fillers.push(new FileInputStream("/dev/null"));
                } catch (IOException full) {
                    return fillers;
                }
            }
        }
    }
}
