package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.http.FileHandler;
import dev.meerkat.http.HttpServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimLargeFileTest extends LargeFileRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    /** More waits than an int holds, so what has left cannot be told by an int's difference. */
    @Test
    void whoReadsWithinTheRateIsNotCutOffHoweverMuchWaits() {
        Acceptor acceptor = manager()
                .listen(
                        arm.host() + ":0",
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                        HttpServer.handler(FileHandler.of(root)));
        Peer client = peer(acceptor, SMALL_PEER).send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
        for (int second = 1; second <= 12; second++) {
            int enough = client.receivedCount() + 50_000;
            client.startReading();
            until("a piece", () -> client.receivedCount() >= enough);
            client.stopReading();
            arm.advance(Duration.ofSeconds(1));
            settle();
            assertEquals(1, manager().connections().size(), "after " + second + " s");
        }
    }
}
