package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.HttpTimeouts;
import dev.meerkat.http.Response;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimHttpUpgradeTest extends HttpUpgradeRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    @Test
    void deadlinesOfHttpEndWithIt() {
        Script script = upgraded();
        HttpServerOptions quick = HttpServerOptions.builder()
                .date(false)
                .timeouts(
                        HttpTimeouts.builder().keepAlive(Duration.ofSeconds(1)).build())
                .build();
        Peer client = peer(manager()
                        .listen(
                                arm.listenAddress(),
                                HttpServer.handler(quick, HttpHandler.of(request -> Response.upgrade("echo", script)))))
                .send(ASK);
        until("the handler", script::isOpened);
        arm.advance(LONG);
        settle();
        assertFalse(client.hasEnded());
        assertEquals(List.of("Opened"), script.kinds());
        assertEquals(0, manager().statistics().timers());
    }
}
