package dev.meerkat.testkit.manager;

import dev.meerkat.Acceptor;
import dev.meerkat.http.FileHandler;
import dev.meerkat.http.HttpServer;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimHttpFileTest extends HttpFileRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    @Test
    void connectionCloseDoesNotCutASlowDownload() throws IOException {
        file("large", pattern(MORE_THAN_FITS));
        Acceptor acceptor = manager()
                .listen(
                        arm.listenAddress(),
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                        HttpServer.handler(TIMELESS, FileHandler.of(root)));
        Peer peer = peer(acceptor, SMALL_PEER);
        peer.send(get("/large", "Connection: close"));
        for (int i = 0; i < 4; i++) {
            int before = peer.receivedCount();
            until("a part", () -> peer.receivedCount() > before);
            peer.stopReading();
            arm.advance(Duration.ofSeconds(4)); // in time for the rate, and together longer than closing may take
            peer.startReading();
        }
        until("all of it", () -> !answer(peer, 0, true).isEmpty());
        until("the end", peer::hasEnded);
    }
}
