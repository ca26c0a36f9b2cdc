package dev.meerkat.examples.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A script in {@code examples/peers}, run by the Node that npm has brought there; talks in lines. */
final class NodeProcess implements AutoCloseable {
    private static final Path SCRIPTS = Path.of("..", "peers").toAbsolutePath().normalize();

    private final Process process;

    private NodeProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts a script.
     *
     * @param lines hears what it says, on a thread of its own
     */
    static NodeProcess start(Consumer<String> lines, String script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(node().toString(), SCRIPTS.resolve(script).toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        Thread thread = new Thread(() -> reader.lines().forEach(lines), script);
        thread.setDaemon(true);
        thread.start();
        return new NodeProcess(process);
    }

    private static Path node() {
        String processor =
                System.getProperty("os.arch").toLowerCase(Locale.ROOT).contains("aarch64") ? "arm64" : "x64";
        Path node = SCRIPTS.resolve(Path.of("node_modules", "node-linux-" + processor, "bin", "node"));
        if (!Files.isExecutable(node) || !Files.isDirectory(SCRIPTS.resolve(Path.of("node_modules", "ws")))) {
            throw new AssertionError(
                    "the peers in JavaScript are not installed: .ci/peers installs them, or \"npm ci\" in " + SCRIPTS
                            + "; looked for " + node);
        }
        return node;
    }

    /** A browser that speaks Chromium's protocol. */
    static Path browser() {
        for (String name : new String[] {"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}) {
            for (String folder : System.getenv("PATH").split(":")) {
                Path found = Path.of(folder, name);
                if (Files.isExecutable(found)) {
                    return found;
                }
            }
        }
        throw new AssertionError("no Chromium on the path: .ci/peers installs it, or \"apt-get install chromium\"");
    }

    synchronized void say(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the script has ended", e);
        }
    }

    /** Asks it to end by ending its input. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        boolean ended = false;
        try {
            ended = process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new IOException("the script did not end");
        }
    }
}
