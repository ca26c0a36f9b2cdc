package dev.meerkat.examples.web;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.HttpServer;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.SocketPair;
import org.junit.jupiter.api.Test;

class BulletinTest {
    private static String ask(String request) {
        SocketPair pair = SocketPair.stream(new FakeClock(), HttpServer.handler(Bulletin.routes()));
        pair.send(request);
        return pair.receiveLine() + "\r\n" + pair.take().utf8();
    }

    @Test
    void theRoutesLeadWhereTheySay() {
        String hello = ask("GET /hello/Ann%20Lee HTTP/1.1\r\nHost: a\r\n\r\n");
        assertTrue(hello.endsWith("\r\n\r\nHello, Ann Lee"), hello);
        assertTrue(hello.contains("\r\nX-Content-Type-Options: nosniff\r\n"), hello);
        String said = ask("POST /say HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: 10\r\n\r\ntext=hello");
        assertTrue(said.startsWith("HTTP/1.1 303 ") && said.contains("\r\nSet-Cookie: said=1; "), said);
        String silent = ask("POST /say HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: 0\r\n\r\n");
        assertTrue(silent.startsWith("HTTP/1.1 400 "), silent);
        assertTrue(ask("GET /admin/listeners HTTP/1.1\r\nHost: a\r\n\r\n").startsWith("HTTP/1.1 401 "));
        String admin = ask("GET /admin/listeners HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YWRtaW46c2VjcmV0\r\n\r\n");
        assertTrue(admin.endsWith("\r\n\r\n{\"said\": 0}"), admin);
    }
}
