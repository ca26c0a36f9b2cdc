package dev.meerkat.examples.benchmarks.versus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a {@link ServerMain}: a server in a process of its own, with the same heap and collector for all.
 */
final class ServerProcess implements AutoCloseable {
    /** How much was used since the process began. */
    record Usage(long processNanos, long loopNanos, long loopAllocatedBytes) {
        Usage since(Usage earlier) {
            return new Usage(
                    processNanos - earlier.processNanos,
                    loopNanos - earlier.loopNanos,
                    loopAllocatedBytes - earlier.loopAllocatedBytes);
        }
    }

    private static final Pattern HISTOGRAM_LINE = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");

    private final String title;
    private final Process process;
    private final BufferedReader answers;
    private final PrintStream commands;
    private final int port;

    ServerProcess(Contender contender) throws IOException {
        this(contender.title(), contender.word());
    }

    /** A server of a word that {@link ServerMain} knows. */
    ServerProcess(String title, String word) throws IOException {
        this(title, word, Machine.onFirstProcessor());
    }

    /** A server of a word that {@link ServerMain} knows, with something in front of its command line. */
    ServerProcess(String title, String word, List<String> where) throws IOException {
        this.title = title;
        List<String> command = new ArrayList<>(where);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms512m",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ServerMain.class.getName(),
                word));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader(StandardCharsets.UTF_8);
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
        port = Integer.parseInt(answer());
    }

    String title() {
        return title;
    }

    int port() {
        return port;
    }

    Usage usage() throws IOException {
        commands.println("cpu");
        String[] parts = answer().split(" ", -1);
        return new Usage(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }

    /** The bytes of all live objects by class. */
    Map<String, Long> liveBytes() throws IOException {
        commands.println("heap");
        Map<String, Long> bytes = new TreeMap<>();
        String line = answer();
        while (!line.isEmpty()) {
            Matcher matcher = HISTOGRAM_LINE.matcher(line);
            if (matcher.matches()) {
                bytes.merge(matcher.group(3), Long.parseLong(matcher.group(2)), Long::sum);
            }
            line = answer();
        }
        return bytes;
    }

    private String answer() throws IOException {
        @Nullable String line = answers.readLine();
        if (line == null) {
            throw new IOException("the server of " + title + " has ended");
        }
        return line;
    }

    /** Its standard input ends, and so does it. */
    @Override
    public void close() {
        commands.close();
        process.destroy();
    }
}
