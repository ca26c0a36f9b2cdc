package dev.meerkat.examples.blocking;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.meerkat.BlockingConnection;
import dev.meerkat.BlockingOptions;
import dev.meerkat.EventManager;
import dev.meerkat.ListenOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A store of texts, spoken to in lines, with {@code nc 127.0.0.1 7000} for instance:
 *
 * <pre>
 *   set colour deep blue      ok
 *   get colour                deep blue
 *   get size                  nothing
 *   quit
 * </pre>
 *
 * <p>Ordinary blocking Java: a reader, a writer, a loop. Each guest has a thread of his own, which is virtual on JDK 21
 * and later; who is silent for five minutes is sent home, and guest number 1,001 waits until another has left.
 */
public final class KeyValueStore {
    static final ListenOptions LISTEN = ListenOptions.builder()
            .blocking(BlockingOptions.builder()
                    .maxThreads(1_000)
                    .readTimeout(Duration.ofMinutes(5))
                    .build())
            .build();

    private final Map<String, String> values = new ConcurrentHashMap<>();

    /**
     * Serves until it is killed.
     *
     * @param args none
     */
    public static void main(String[] args) {
        try (EventManager manager = EventManager.create()) {
            manager.listenBlocking("tcp://127.0.0.1:7000", LISTEN, new KeyValueStore()::serve);
            manager.run();
        }
    }

    void serve(BlockingConnection guest) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(guest.in(), UTF_8));
        PrintWriter out = new PrintWriter(guest.out(), false, UTF_8);
        try {
            for (String line; (line = in.readLine()) != null && !line.equals("quit"); ) {
                out.print(answer(line.split(" ", 3)) + "\n");
                out.flush();
            }
        } catch (SocketTimeoutException silence) {
            guest.send("bye\n");
        }
    }

    private String answer(String[] words) {
        return switch (words[0] + " " + words.length) {
            case "set 3" -> {
                values.put(words[1], words[2]);
                yield "ok";
            }
            case "get 2" -> values.getOrDefault(words[1], "nothing");
            case "del 2" -> values.remove(words[1]) == null ? "nothing" : "ok";
            default -> "expected: set KEY VALUE, get KEY, del KEY or quit";
        };
    }
}
