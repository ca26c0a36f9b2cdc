package dev.meerkat.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two server processes on one nats-server; the clients are the JDK's. */
@Timeout(180)
class TwoProcessesTest {
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
    }

    /** Starts a chat server in a JVM of its own. */
    private int chat(NatsServer nats) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ChatServer.class.getName(),
                        nats.url(),
                        "0",
                        "chat",
                        "swordfish")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        String told = process.inputReader(StandardCharsets.UTF_8).readLine();
        assertNotNull(told, "the server has ended");
        return Integer.parseInt(told.substring("listening on ".length()));
    }

    /** A client and what it hears. */
    private static final class Guest implements WebSocket.Listener {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final WebSocket webSocket;

        Guest(int port) {
            webSocket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + "/chat"), this)
                    .join();
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            heard.add(text.toString());
            from.request(1);
            return null;
        }

        void say(String text) {
            webSocket.sendText(text, true).join();
        }

        void hears(String... texts) throws InterruptedException {
            for (String text : texts) {
                String next = heard.poll(60, TimeUnit.SECONDS);
                assertEquals(text, next);
            }
        }

        /** Waits for a text; what comes before it is passed over. */
        void untilHears(String text) throws InterruptedException {
            String next = "";
            while (!text.equals(next)) {
                next = heard.poll(60, TimeUnit.SECONDS);
                assertNotNull(next, "waited in vain for " + text);
            }
        }
    }

    private static final String AWAY = "(others do not hear you now)";
    private static final String BACK = "(others hear you again)";

    @Test
    void clientsOfEitherProcessHearEachOtherAndABusThatDiesIsToldAndComesBack(@TempDir Path folder) throws Exception {
        try (NatsServer nats = NatsServer.start(folder, "authorization { user: chat, password: swordfish }")) {
            int one = chat(nats);
            int two = chat(nats);
            Guest anna = new Guest(one);
            Guest bert = new Guest(two);
            Guest carl = new Guest(one);
            anna.say("do you hear me?");
            anna.untilHears("do you hear me?");
            bert.untilHears("do you hear me?");
            carl.untilHears("do you hear me?");
            bert.say("yes");
            anna.untilHears("yes");
            bert.untilHears("yes");
            carl.untilHears("yes");

            nats.kill();
            anna.untilHears(AWAY);
            bert.untilHears(AWAY);
            carl.untilHears(AWAY);
            anna.say("still here?");
            anna.hears("still here?");
            carl.hears("still here?");
            bert.say("alone");
            bert.hears("alone");

            nats.start();
            anna.untilHears(BACK);
            bert.untilHears(BACK);
            carl.untilHears(BACK);
            anna.say("back again");
            bert.untilHears("back again");
            bert.say("good");
            anna.untilHears("good");
            carl.untilHears("good");
        }
    }
}
