package dev.meerkat.examples.chat;

/** The command line of both programs. */
final class CommandLine {
    private static final int DEFAULT_PORT = 7000;

    private CommandLine() {}

    /** The port to listen on, 0 for any free one. A mistake ends the program with a usage line. */
    static int port(String... args) {
        try {
            int port = args.length == 0 ? DEFAULT_PORT : Integer.parseInt(args[1]);
            if (args.length == 0 || (args.length == 2 && args[0].equals("--port") && port >= 0 && port <= 65_535)) {
                return port;
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException notUnderstood) {
            // falls through to the usage line, as every other mistake does
        }
        System.err.println("usage: chat [--port N]   (7000 by default, 0 for any free port)");
        System.exit(2);
        return DEFAULT_PORT;
    }
}
