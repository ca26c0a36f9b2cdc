package dev.meerkat.examples.benchmarks.versus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * How much processor time this process has used, to the nanosecond and without its JIT compiler. Garbage collection is
 * in it: who allocates pays for it.
 */
final class ProcessCpu {
    private static final Path TASKS = Path.of("/proc/self/task");

    private ProcessCpu() {}

    /** Nanoseconds since the process began; differences are meaningful as long as no thread that worked has ended. */
    static long nanos() {
        return Files.isReadable(TASKS) ? ofThreads() : ofProcess();
    }

    private static long ofThreads() {
        long sum = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(TASKS)) {
            for (Path thread : threads) {
                try {
                    String name = Files.readString(thread.resolve("comm"));
                    if (!name.startsWith("C1 Comp") && !name.startsWith("C2 Comp")) {
                        String times = Files.readString(thread.resolve("schedstat"));
                        sum += Long.parseLong(times.substring(0, times.indexOf(' ')));
                    }
                } catch (NoSuchFileException ended) {
                    // between listing and reading
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sum;
    }

    /** Elsewhere than on Linux: in steps of ten milliseconds, and with the JIT compiler. */
    private static long ofProcess() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
