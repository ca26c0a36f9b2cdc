package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.examples.interop.WebSocketPeer.Heard;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The same for clients that can send single frames. */
abstract class FrameClientRules extends WebSocketClientRules {
    /** A connection of such a client. */
    interface Frames {
        /** Sends a fragment of a text. */
        void fragment(String text, boolean last) throws Exception;

        void ping(String payload) throws Exception;

        void pong(String payload) throws Exception;
    }

    @Test
    void fragmentsAreOneMessageAndPingsGoBetweenThem() throws Exception {
        for (String path : new String[] {"/ws", "/ws-fragments"}) {
            WebSocketPeer.Session session = open(path);
            Frames frames = (Frames) session;
            frames.fragment("one ", false);
            frames.ping("between");
            frames.pong("unasked");
            assertEquals(Heard.control("pong", "between".getBytes(StandardCharsets.UTF_8)), session.next());
            frames.fragment("", false);
            frames.fragment("zwölf", true);
            assertEquals(Heard.text("one zwölf"), session.next());
            end(session);
        }
    }
}
