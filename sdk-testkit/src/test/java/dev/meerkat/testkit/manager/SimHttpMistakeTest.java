package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.Response;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimHttpMistakeTest extends HttpMistakeRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    @Test
    void theLastAnswerMayTakeAsLongAsAnyOther() {
        int length = 4 << 20;
        Peer client = peer(
                serve(
                        options -> options.sendBufferBytes(HttpLimitRules.SMALL_PEER.sendBufferBytes()),
                        request -> Response.bytes("x", Bytes.copyOf(new byte[length]))),
                HttpLimitRules.SMALL_PEER);
        client.stopReading().send("GET / HTTP/1.0\r\n\r\n");
        until("the request", client::hasSentAll);
        settle();
        for (int i = 0; i < 10; i++) {
            arm.advance(Duration.ofSeconds(4)); // less than the grace, and together more than closing may take
            client.startReading();
            client.pump();
            client.stopReading();
            settle();
        }
        client.startReading();
        until("the end", client::hasEnded);
        assertTrue(client.receivedCount() > length, () -> client.receivedCount() + " bytes");
        client.close();
    }

    @Test
    void theLastAnswerIsNotWaitedForForever() {
        Peer client = peer(
                serve(options -> {}, request -> Response.bytes("x", Bytes.copyOf(new byte[8 << 20]))),
                HttpLimitRules.SMALL_PEER);
        client.stopReading().send("GET / HTTP/1.0\r\n\r\n");
        until("the request", client::hasSentAll);
        settle();
        arm.advance(Duration.ofSeconds(6));
        settle();
        assertEquals(0, manager().connections().size());
    }
}
