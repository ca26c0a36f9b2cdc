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
 *   cpu    process ns, loop thread ns, bytes that the loop thread has allocated
 *   heap   bytes of live objects, after a full collection; then the histogram, ended by an empty line
 * </pre>
 */
final class ServerMain {
    private ServerMain() {}

    public static void main(String[] args) throws Exception {
        EchoServer server = args[0].startsWith("tls-")
                ? TlsServers.start(TlsServers.Contender.valueOf(args[0].substring("tls-".length())))
                : Contender.of(args[0]).orElseThrow().serve();
        long loop = server.loop().getId();
        System.out.println(server.port());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String command; (command = commands.readLine()) != null; ) {
            switch (command) {
                case "cpu" -> System.out.println(cpu(loop));
                case "heap" -> System.out.println(histogram().strip() + "\n");
                default -> throw new IllegalArgumentException(command);
            }
        }
        System.exit(0);
    }

    private static String cpu(long loop) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return ProcessCpu.nanos() + " " + threads.getThreadCpuTime(loop) + " " + threads.getThreadAllocatedBytes(loop);
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
