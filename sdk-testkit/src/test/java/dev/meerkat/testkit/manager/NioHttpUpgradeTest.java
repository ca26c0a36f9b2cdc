package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.Spread;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class NioHttpUpgradeTest extends HttpUpgradeRules {
    private static final String REQUEST =
            "GET / HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nping";

    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void oneResponseServesManagersOnThreadsOfTheirOwn() throws IOException {
        Set<EventManager> managers = ConcurrentHashMap.newKeySet();
        Response upgrade = Response.upgrade("echo", (connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                managers.add(connection.manager());
                connection.send(received.buffer());
            }
        });
        try (EventManagerGroup group =
                EventManagerGroup.builder().managers(2).spread(Spread.HAND_OVER).build()) {
            group.start();
            int port = group.listen("http://127.0.0.1:0", HttpServer.handler(HttpHandler.of(request -> upgrade)))
                    .port();
            for (int i = 0; i < 4; i++) {
                try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    client.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
                    StringBuilder answer = new StringBuilder();
                    while (!answer.toString().endsWith("\r\n\r\nping")) {
                        answer.append((char) client.getInputStream().read());
                    }
                    assertEquals("HTTP/1.1 101 Switching Protocols", answer.substring(0, answer.indexOf("\r\n")));
                }
            }
        }
        assertEquals(2, managers.size());
    }
}
