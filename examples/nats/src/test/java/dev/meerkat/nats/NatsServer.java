package dev.meerkat.nats;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real nats-server on loopback, on a port that was free. */
final class NatsServer implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("Listening for client connections on 127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern READY = Pattern.compile("Server is ready");

    private final Path config;
    private Process process;
    private int port = -1;

    private NatsServer(Path folder, String configuration) throws IOException {
        config = Files.writeString(folder.resolve("nats.conf"), configuration);
        start();
    }

    /** Starts a server. */
    static NatsServer start(Path folder, String configuration) {
        try {
            return new NatsServer(folder, configuration);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it again, on the same port. */
    void start() {
        try {
            List<String> command = new ArrayList<>(List.of(Binary.PATH, "-a", "127.0.0.1", "-p", "" + port));
            command.addAll(List.of("-c", config.toString()));
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            StringBuilder log = new StringBuilder();
            for (String line;
                    (line = process.inputReader(StandardCharsets.UTF_8).readLine()) != null; ) {
                log.append(line).append('\n');
                Matcher told = PORT.matcher(line);
                if (told.find()) {
                    port = Integer.parseInt(told.group(1));
                }
                if (READY.matcher(line).find()) {
                    drain(process);
                    return;
                }
            }
            throw new IllegalStateException("nats-server has not started:\n" + log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void drain(Process process) {
        Thread thread = new Thread(() -> {
            try {
                process.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException e) {
                // it was killed
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** As if the machine had lost its power. */
    void kill() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nats-server does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    String url() {
        return "nats://" + address();
    }

    @Override
    public void close() {
        kill();
    }

    /** Where it is; .ci/nats gets it if it is not here. */
    private static final class Binary {
        static final String PATH = find();

        private static String find() {
            try {
                Process script = new ProcessBuilder("../../.ci/nats")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                List<String> lines =
                        script.inputReader(StandardCharsets.UTF_8).lines().toList();
                if (script.waitFor() != 0 || lines.isEmpty()) {
                    throw new IllegalStateException(".ci/nats could not get a nats-server");
                }
                return lines.get(lines.size() - 1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
