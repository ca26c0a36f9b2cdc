package dev.meerkat.internal.nio;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ServerSocketChannel;
import java.security.CodeSource;
import java.time.Duration;
import java.time.ZoneId;
import java.time.zone.ZoneRules;

/**
 * What the JDK does once and for all at its first use, and what is lost for good if the process has run out of
 * descriptors by then: the first close of a channel opens descriptors of the JDK's own, and without them no channel can
 * be closed ever again; a logger reads its configuration, and writes with time zones, whose file is read once. The very
 * message that says what is wrong would be missing.
 *
 * <p>It costs as much as all the rest of a start, and one that has just started has descriptors. So it is done when the
 * program has run for {@link #DELAY}, or when a transport has had {@link #SOCKETS} sockets, whatever comes first.
 * Decision 0067.
 */
final class FirstUses {
    /** Longer than it takes to start and to answer, shorter than anybody needs to fill a table of descriptors. */
    private static final Duration DELAY = Duration.ofSeconds(1);

    /** How many sockets: a flood is met before it has taken what is needed here, a dozen descriptors at most. */
    static final int SOCKETS = 16;

    private static boolean expected;
    private static boolean done;

    private FirstUses() {}

    /**
     * Has them made when the program has run for a while; at once if classes come from a directory, where every one of
     * the library is loaded at once for the same reason, and a start is slow in any case. Any thread.
     */
    static void soon() {
        CodeSource source = FirstUses.class.getProtectionDomain().getCodeSource();
        if (source != null && source.getLocation().getPath().endsWith("/")) {
            now();
            return;
        }
        synchronized (FirstUses.class) {
            if (expected) {
                return;
            }
            expected = true;
        }
        Thread thread = new Thread(null, new Later(), "meerkat-first-uses", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    /** An object, since every start makes one and no lambda, decision 0067. */
    private static final class Later implements Runnable {
        @Override
        public void run() {
            try {
                Thread.sleep(DELAY.toMillis());
                now();
            } catch (InterruptedException nobodyDoes) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Makes them, unless that was done. Any thread; who comes second waits for the first. */
    static synchronized void now() {
        if (done) {
            return;
        }
        done = true;
        try (ServerSocketChannel closed = ServerSocketChannel.open()) {
            boolean unused = closed.isOpen();
            ZoneRules unusedZones = ZoneId.systemDefault().getRules();
            boolean unusedAnswer = System.getLogger("dev.meerkat").isLoggable(Level.ERROR);
        } catch (IOException noSocket) {
            // there are none to lose
        }
    }
}
