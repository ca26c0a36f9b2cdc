package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpEvent;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClientConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a response says does not depend on where the network cuts it: every response is cut at each of its bytes. */
class HttpCutTest {
    private static final Duration MOMENT = Duration.ofMillis(1);

    /** What is heard of a response that comes in pieces; its body as one text. */
    private static String heard(byte[] response, boolean ends, int... cuts) {
        StringBuilder heard = new StringBuilder();
        FakeClock clock = new FakeClock();
        SocketPair pair =
                SocketPair.connectedBy(clock, HttpClientConnection.handler("cut.test", (connection, event) -> {
                    if (event instanceof TcpEvent.Opened) {
                        HttpClientConnection.of(connection).send(ClientRequest.get("/"));
                    } else if (event instanceof HttpEvent.InformationReceived information) {
                        heard.append(information.head().status()).append(' ');
                    } else if (event instanceof HttpEvent.ResponseReceived answer) {
                        heard.append(answer.head().status())
                                .append(' ')
                                .append(answer.head().headers())
                                .append(' ');
                    } else if (event instanceof HttpEvent.BodyReceived body) {
                        heard.append(body.body().takeText());
                    } else if (event instanceof HttpEvent.MessageEnd end) {
                        heard.append(" end ").append(end.trailers());
                    } else if (event instanceof HttpEvent.MessageFailed failed) {
                        heard.append(" failed ").append(failed.error().rule());
                    }
                }));
        pair.expectText("GET / HTTP/1.1\r\nHost: cut.test\r\n\r\n");
        int from = 0;
        for (int cut : cuts) {
            pair.send(Arrays.copyOfRange(response, from, cut));
            clock.advance(MOMENT);
            from = cut;
            if (heard.indexOf("failed") >= 0) {
                return heard.toString(); // the connection is gone
            }
        }
        pair.send(Arrays.copyOfRange(response, from, response.length));
        if (ends) {
            pair.closeOutput();
        }
        clock.advance(MOMENT);
        pair.close();
        return heard.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "false | HTTP/1.1 200 OK~Content-Length: 11~~hello world",
                "false | HTTP/1.1 200 OK~Transfer-Encoding: chunked~X: y~~5;a=\"b\"~hello~6~ world~0~T: u~~",
                "false | HTTP/1.1 103 Early~Link: x~~HTTP/1.1 204 No Content~~",
                "true  | HTTP/1.0 200 OK~~until the end",
                "true  | HTTP/1.1 200 OK~Content-Length: 99~~cut off",
                "true  | HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~hello~",
                "false | HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~hello!~",
                "false | HTTP/1.1 200 OK~Content-Length: 1~Content-Length: 1~~x",
                "false | HTTP/1.1 200 OK~Content-Length : 1~~x",
                "true  | HTTP/1.1 200 O"
            })
    void theSameIsHeardWhereverAResponseIsCut(boolean ends, String text) {
        byte[] response = text.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        String whole = heard(response, ends);
        for (int cut = 1; cut < response.length; cut++) {
            assertEquals(whole, heard(response, ends, cut), "cut at " + cut);
        }
        int[] every = new int[response.length - 1];
        Arrays.setAll(every, i -> i + 1);
        assertEquals(whole, heard(response, ends, every), "cut everywhere");
    }
}
