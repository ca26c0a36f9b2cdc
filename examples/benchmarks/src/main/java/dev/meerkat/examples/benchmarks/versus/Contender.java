package dev.meerkat.examples.benchmarks.versus;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Who takes part in a comparison of servers. */
enum Contender {
    /** The bare {@code java.nio} loop that the others are measured by. */
    NIO("bare NIO loop"),
    /** Meerkat with a handler. */
    MEERKAT("Meerkat"),
    /** Meerkat with suspend functions. */
    SUSPEND("Meerkat, suspend"),
    /** Netty on its NIO transport with one event loop. */
    NETTY("Netty NIO");

    private final String title;

    Contender(String title) {
        this.title = title;
    }

    /** What the tables call it. */
    String title() {
        return title;
    }

    /** What the command line calls it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Contender> of(String word) {
        return Stream.of(values()).filter(each -> each.word().equals(word)).findFirst();
    }

    /** Starts its server in this process. */
    EchoServer serve() throws IOException, InterruptedException {
        return switch (this) {
            case NIO -> NioEcho.start();
            case MEERKAT -> MeerkatEcho.start();
            case SUSPEND -> SuspendEcho.start();
            case NETTY -> NettyEcho.start();
        };
    }
}
