package dev.meerkat.testkit.tls;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process of the {@code openssl} program: a peer that nobody here has written. What it prints is read line by line.
 */
final class OpenSsl implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    private final Process process;
    private final StringBuilder printed = new StringBuilder();
    private final Thread reader;

    private OpenSsl(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "openssl output");
        reader.setDaemon(true);
        reader.start();
    }

    static OpenSsl start(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        try {
            return new OpenSsl(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            return fail("the program openssl is needed for this test and cannot be started: " + e.getMessage(), e);
        }
    }

    private void read() {
        byte[] bytes = new byte[4096];
        try (InputStream output = process.getInputStream()) {
            for (int count; (count = output.read(bytes)) >= 0; ) {
                synchronized (this) {
                    printed.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
                    notifyAll();
                }
            }
        } catch (IOException ended) {
            // with the process
        }
        synchronized (this) {
            notifyAll();
        }
    }

    OpenSsl type(String text) {
        try {
            OutputStream input = process.getOutputStream();
            input.write(text.getBytes(StandardCharsets.ISO_8859_1));
            input.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(printed(), e);
        }
    }

    /** Ends its standard input, whereupon it ends the connection. */
    void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it has printed a text. */
    synchronized OpenSsl until(String text) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (printed.indexOf(text) < 0) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0 || (!process.isAlive() && !reader.isAlive())) {
                fail("openssl has not printed \"" + text + "\" but\n" + printed);
            }
            try {
                wait(Math.min(left, 100));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return this;
    }

    /** Waits for its end. */
    int exitCode() {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                fail("openssl does not end; it has printed\n" + printed());
            }
            reader.join();
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    synchronized String printed() {
        return printed.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
