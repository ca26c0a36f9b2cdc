package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NioHttpMistakeTest extends HttpMistakeRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void anAnswerFromElsewhereArrivesAlthoughTheMailboxIsFull() throws InterruptedException {
        use(options -> options.mailboxLimit(1));
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        List<Request> requests = new ArrayList<>();
        List<BodyOutput> outputs = new ArrayList<>();
        Acceptor acceptor = serve(options -> {}, request -> {
            switch (request.head().target()) {
                case "/later" -> {
                    CompletableFuture<Response> answer = new CompletableFuture<>();
                    answers.add(answer);
                    return Response.later(answer);
                }
                case "/stream" -> {
                    return Response.stream("x", 1, () -> output -> {
                        outputs.add(output);
                        if (outputs.size() == 2) {
                            output.send("x").end();
                        }
                    });
                }
                default -> {
                    return HttpServerRules.HELLO;
                }
            }
        });
        Peer later = peer(acceptor).send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
        Peer stream = peer(acceptor).send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
        until("the requests", () -> answers.size() == 1 && outputs.size() == 1);
        manager().post(() -> {});
        Thread elsewhere = new Thread(() -> {
            answers.get(0).complete(HttpServerRules.HELLO);
            outputs.get(0).resume();
        });
        elsewhere.start();
        elsewhere.join();
        until(
                "the answers",
                () -> later.text().endsWith("World!") && stream.text().endsWith("x"));
        assertEquals(HttpServerRules.HELLO_TEXT, later.text());
    }
}
