package dev.meerkat.examples.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.BroadcastResult;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.ShutdownResult;
import dev.meerkat.Spread;
import dev.meerkat.event.Bytes;
import dev.meerkat.testkit.SimHost;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.StreamEnd;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ManyLoopsTest {
    @Test
    void everyLoopServesAndAllHearOfTheEnd() {
        SimWorld.run(world -> {
            SimHost server = world.host("server");
            EventManagerGroup group = server.newGroup(2, Spread.HAND_OVER);
            int port = ManyLoops.listen(group, server.ipv4().getHostAddress() + ":0")
                    .port();
            StreamEnd first = world.host("client").stream("server", port);
            StreamEnd second = world.host("client").stream("server", port);
            first.expectText("visitor 1 of server\n");
            second.expectText("visitor 1 of server-2\n");
            first.send("hello").expectText("hello");
            CompletableFuture<BroadcastResult> told = group.broadcast(Bytes.utf8("closing\n"));
            first.expectText("closing\n");
            second.expectText("closing\n");
            assertEquals(new BroadcastResult(2, 0, 0), told.join());
            CompletableFuture<ShutdownResult> end = group.shutdown(Duration.ofSeconds(10));
            first.expectEnd().close();
            second.expectEnd().close();
            world.await("the end", end::isDone);
            assertEquals(0, end.join().cut());
        });
    }
}
