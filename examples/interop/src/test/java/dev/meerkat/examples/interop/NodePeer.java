package dev.meerkat.examples.interop;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A client in JavaScript, driven by {@code peer.mjs}. */
final class NodePeer implements WebSocketPeer {
    private final Map<String, ScriptSession> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final NodeProcess process;

    private NodePeer(String... arguments) throws Exception {
        process = NodeProcess.start(this::heard, "peer.mjs", arguments);
        if (!ready.await(60, TimeUnit.SECONDS)) {
            process.close();
            throw new AssertionError("the client did not start: " + String.join(" ", arguments));
        }
    }

    /** The package {@code ws}. */
    static NodePeer ws() throws Exception {
        return new NodePeer("ws");
    }

    /** What Node has built in. */
    static NodePeer builtIn() throws Exception {
        return new NodePeer("node");
    }

    /** A browser at a page of the server. */
    static NodePeer browser(String page) throws Exception {
        return new NodePeer("browser", NodeProcess.browser().toString(), page);
    }

    private void heard(String line) {
        String[] words = line.split(" ", 5);
        if (words[1].equals("ready")) {
            ready.countDown();
            return;
        }
        String text = URLDecoder.decode(words[4], StandardCharsets.UTF_8);
        sessions.get(words[0]).hear(new Heard(words[1], Integer.parseInt(words[2]), Long.parseLong(words[3]), text));
    }

    @Override
    public Session open(String url, List<String> subprotocols) {
        ScriptSession session = new ScriptSession(Integer.toString(ids.incrementAndGet()));
        sessions.put(session.id, session);
        session.say("open " + url + " " + (subprotocols.isEmpty() ? "-" : String.join(",", subprotocols)) + " 1");
        return session;
    }

    @Override
    public void close() throws IOException {
        process.close();
    }

    private static String coded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private final class ScriptSession extends Session implements FrameClientRules.Frames {
        private final String id;

        ScriptSession(String id) {
            this.id = id;
        }

        void say(String command) {
            process.say(id + " " + command);
        }

        @Override
        void send(String text) {
            say("text " + coded(text));
        }

        @Override
        void fill(boolean text, int length) {
            say("fill " + (text ? "text " : "binary ") + length);
        }

        @Override
        void close(int code, String reason) {
            say("close " + code + " " + coded(reason));
        }

        @Override
        public void fragment(String text, boolean last) {
            say("fragment " + coded(text) + (last ? " 1" : " 0"));
        }

        @Override
        public void ping(String payload) {
            say("ping " + coded(payload));
        }

        @Override
        public void pong(String payload) {
            say("pong " + coded(payload));
        }
    }
}
