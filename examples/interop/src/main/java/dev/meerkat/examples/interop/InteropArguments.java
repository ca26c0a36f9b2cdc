package dev.meerkat.examples.interop;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param port the port of HTTP, 1 to 65534; the echo is at the one above
 * @param certificate the file with the certificate chain, and the key if there is no other file; null for no TLS
 * @param key the file with the key, if it is another
 * @param tlsPort the port of HTTP through TLS
 * @param threads how many loops serve
 */
record InteropArguments(
        int port, @Nullable Path certificate, @Nullable Path key, int tlsPort, int threads) {
    static final String USAGE = """
            usage: java -jar interop.jar [--port N]   (or PORT=N; N from 1 to 65534)
                   [--threads N] [--tls CERT[,KEY] --tls-port N]
               or: java -jar interop.jar --autobahn-client URL AGENT""";

    /** Makes a client of it. */
    static final String AUTOBAHN = "--autobahn-client";

    private static final int MAX_PORT = 65_535;
    private static final int MAX_THREADS = 1024;

    /** Reads the arguments; the environment is asked for a port that they do not name. */
    static InteropArguments parse(String[] args, @Nullable String environment) {
        String port = environment;
        int tlsPort = 0;
        int threads = 1;
        Path certificate = null;
        Path key = null;
        for (int i = 0; i < args.length; i += 2) {
            String value = i + 1 < args.length ? args[i + 1] : "";
            switch (args[i]) {
                case "--port" -> port = value;
                case "--tls-port" -> tlsPort = number("--tls-port", value, MAX_PORT);
                case "--threads" -> threads = number("--threads", value, MAX_THREADS);
                case "--tls" -> {
                    String[] files = value.split(",", 2);
                    certificate = Path.of(files[0]);
                    key = files.length == 2 ? Path.of(files[1]) : null;
                }
                default -> throw new IllegalArgumentException("unknown argument " + args[i]);
            }
        }
        if (port == null) {
            throw new IllegalArgumentException("no port: neither --port nor PORT");
        }
        if ((certificate == null) != (tlsPort == 0)) {
            throw new IllegalArgumentException("--tls and --tls-port need each other");
        }
        return new InteropArguments(number("the port", port, MAX_PORT - 1), certificate, key, tlsPort, threads);
    }

    private static int number(String what, String text, int most) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // the same answer as for one that is out of range
        }
        throw new IllegalArgumentException(what + " must be 1 to " + most + ", found \"" + text + "\"");
    }
}
