package dev.meerkat.examples.benchmarks.versus;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import javax.management.ObjectName;

/**
 * A server in a process of its own. It prints its port, then answers commands, one line each, until standard input
 * ends; so it ends with whoever started it.
 *
 * <pre>
 *   cpu    process ns, loop threads ns, bytes that the loop threads have allocated
 *   heap   bytes of live objects, after a full collection; then the histogram, ended by an empty line
 * </pre>
 */
final class ServerMain {
    private ServerMain() {}

    public static void main(String[] args) throws Exception {
        EchoServer server = start(args[0]);
        long[] loops = server.loops().stream().mapToLong(Thread::getId).toArray();
        System.out.println(server.port());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String command; (command = commands.readLine()) != null; ) {
            switch (command) {
                case "cpu" -> System.out.println(cpu(loops));
                case "heap" -> System.out.println(histogram().strip() + "\n");
                default -> throw new IllegalArgumentException(command);
            }
        }
        System.exit(0);
    }

    private static EchoServer start(String word) throws Exception {
        if (word.startsWith("tls-")) {
            return TlsServers.start(TlsServers.Contender.valueOf(word.substring("tls-".length())));
        }
        if (word.startsWith("accept-")) {
            return AcceptServers.start(word.substring("accept-".length()));
        }
        return Contender.of(word).orElseThrow().serve();
    }

    private static String cpu(long[] loops) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long nanos = 0;
        long allocated = 0;
        for (long loop : loops) {
            nanos += threads.getThreadCpuTime(loop);
            allocated += threads.getThreadAllocatedBytes(loop);
        }
        return ProcessCpu.nanos() + " " + nanos + " " + allocated;
    }

    /** The diagnostic command collects garbage first, so that only what lives is counted. */
    private static String histogram() throws Exception {
        return (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
    }
}
