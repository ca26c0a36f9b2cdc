package dev.meerkat.examples.benchmarks.versus;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What the figures were measured on, and who runs where. */
final class Machine {
    /** Asked once, since a process that keeps off the first processor sees one fewer. */
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private static final boolean PINS = PROCESSORS > 1 && Files.isExecutable(Path.of("/usr/bin/taskset"));

    private Machine() {}

    /** One line for the head of a table. */
    static String describe() {
        return String.format(
                Locale.ROOT,
                "%s, %d processors, %s %s, Java %s, load average %.1f",
                processor(),
                PROCESSORS,
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("java.version"),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 2))
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException notLinux) {
            return System.getProperty("os.arch");
        }
    }

    /** In front of a server's command line, so that the system does not move it about while it is measured. */
    static List<String> onFirstProcessor() {
        return PINS ? List.of("taskset", "-c", "0") : List.of();
    }

    /** Tells in a table whether the two sides were kept apart. */
    static String pinning() {
        return PINS ? "server on the first processor, load on the others" : "nothing pinned";
    }

    /** Leaves the first processor to the servers. */
    static void keepOffFirstProcessor() throws IOException, InterruptedException {
        if (PINS) {
            new ProcessBuilder(
                            "taskset",
                            "-acp",
                            "1-" + (PROCESSORS - 1),
                            Long.toString(ProcessHandle.current().pid()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
    }
}
