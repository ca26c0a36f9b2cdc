package dev.meerkat.testkit.manager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.BlockingHandler;
import dev.meerkat.ListenOptions;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import org.junit.jupiter.api.Test;

/** Handlers on threads of their own, which may block. */
abstract class BlockingRules extends ManagerRules {
    final Acceptor listenBlocking(BlockingHandler handler) {
        return listenBlocking(ListenOptions.DEFAULT, handler);
    }

    final Acceptor listenBlocking(ListenOptions options, BlockingHandler handler) {
        return manager().listenBlocking(arm.host() + ":0", options, handler);
    }

    @Test
    void linesAreReadAndAnsweredInPlainBlockingCode() {
        Acceptor acceptor = listenBlocking(connection -> {
            BufferedReader in = new BufferedReader(new InputStreamReader(connection.in(), UTF_8));
            for (String line; (line = in.readLine()) != null; ) {
                connection.send("<" + line + ">");
            }
        });
        Peer peer = peer(acceptor);
        peer.send("a\nb");
        until("an answer", () -> peer.text().equals("<a>"));
        peer.send("c\nd\n").shutdownOutput();
        until("the rest and the end", peer::hasEnded);
        assertEquals("<a><bc><d>", peer.text());
    }
}
