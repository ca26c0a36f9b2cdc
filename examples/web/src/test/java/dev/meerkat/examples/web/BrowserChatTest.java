package dev.meerkat.examples.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.EventManager;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The chat's page in a real browser, two of it. */
class BrowserChatTest {
    private static final Path SCRIPTS = Path.of("..", "peers").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    @Test
    @Timeout(120)
    void whatOneTypesTheOtherReads() throws Exception {
        try (EventManager manager = EventManager.create()) {
            int port = manager.listen("http://127.0.0.1:0", new WebServer().routes(folder, folder))
                    .port();
            manager.start();
            Process process = new ProcessBuilder(
                            node().toString(),
                            SCRIPTS.resolve("chat.mjs").toString(),
                            browser().toString(),
                            "http://127.0.0.1:" + port + "/chat",
                            Path.of("target", "chat.png").toAbsolutePath().toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), said);
            assertEquals(
                    "somebody has come; 1 are here|somebody has come; 2 are here|Ada: Is anybody <b>there</b>?|"
                            + "Bob: Ja, grüß dich 🦦\n"
                            + "somebody has come; 2 are here|Ada: Is anybody <b>there</b>?|Bob: Ja, grüß dich 🦦\n",
                    said);
        }
    }

    private static Path node() {
        boolean arm = System.getProperty("os.arch").toLowerCase(Locale.ROOT).contains("aarch64");
        Path node = SCRIPTS.resolve(Path.of("node_modules", "node-linux-" + (arm ? "arm64" : "x64"), "bin", "node"));
        assertTrue(Files.isExecutable(node), "the peers in JavaScript are not installed: run .ci/peers");
        return node;
    }

    private static Path browser() {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .flatMap(path -> Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
                        .map(name -> Path.of(path, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no Chromium on the path: run .ci/peers"));
    }
}
