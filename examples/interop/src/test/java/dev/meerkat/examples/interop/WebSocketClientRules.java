package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.examples.interop.WebSocketPeer.Heard;
import dev.meerkat.examples.interop.WebSocketPeer.Session;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What every WebSocket client that somebody else wrote has to be able to do with our server. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WebSocketClientRules {
    private final WebSocketSite site = new WebSocketSite();
    private WebSocketPeer peer = new NoPeer();

    /** Starts the client. */
    abstract WebSocketPeer start(WebSocketSite running) throws Exception;

    /** Whether the client says with which status it was refused; the standard's interface does not. */
    boolean saysStatus() {
        return true;
    }

    /** Whether the client offers compression. */
    boolean compresses() {
        return true;
    }

    /** The longest message that the client can send and receive, at most 64 MiB. */
    int mostBytes() {
        return 64 << 20;
    }

    @BeforeAll
    final void startAll() throws Exception {
        peer = start(site);
    }

    @AfterAll
    final void stopAll() throws Exception {
        try (site) {
            peer.close();
        }
    }

    final WebSocketSite site() {
        return site;
    }

    /** Begins to connect. */
    final Session connect(String path, String... subprotocols) throws Exception {
        return peer.open(site.url(path), List.of(subprotocols));
    }

    final Session open(String path, String... subprotocols) throws Exception {
        Session session = connect(path, subprotocols);
        Heard opened = session.next();
        assertEquals("opened", opened.what(), opened::toString);
        return session;
    }

    final void end(Session session) throws Exception {
        session.close(1000, "");
        assertEquals(Heard.closed(1000, ""), session.next());
    }

    private static Heard echoed(boolean text, int length) {
        byte[] pattern = WebSocketPeer.pattern(text, length);
        return text ? Heard.text(new String(pattern, StandardCharsets.US_ASCII)) : Heard.binary(pattern);
    }

    private void comesBack(String path, int... lengths) throws Exception {
        Session session = open(path);
        for (int length : lengths) {
            for (boolean text : new boolean[] {true, false}) {
                session.fill(text, length);
                assertEquals(echoed(text, length), session.next());
            }
        }
        end(session);
    }

    @Test
    void everyFormOfLengthComesBack() throws Exception {
        comesBack("/ws", 0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20);
    }

    @Test
    void theLongestMessageComesBack() throws Exception {
        comesBack("/ws", mostBytes());
    }

    @Test
    void everyPieceOfAMessageComesBack() throws Exception {
        comesBack("/ws-fragments", 0, 1, 125, 126, 65_536, 8 << 20);
    }

    @Test
    void textIsWhatItWas() throws Exception {
        Session session = open("/ws");
        for (String text : new String[] {"plain", "Zürich", "Ὀδυσσεύς", "人", "\uD83D\uDE00 and \u0000"}) {
            session.send(text);
            assertEquals(Heard.text(text), session.next());
        }
        end(session);
    }

    @Test
    void manyAtOnceComeBackInOrder() throws Exception {
        Session session = open("/ws");
        for (int i = 0; i < 2000; i++) {
            session.send("number " + i);
        }
        for (int i = 0; i < 2000; i++) {
            assertEquals(Heard.text("number " + i), session.next());
        }
        end(session);
    }

    @Test
    void compressionIsAgreedOnIfItIsOffered() throws Exception {
        Session session = connect("/ws");
        assertEquals(compresses(), session.next().text().contains("permessage-deflate"));
        end(session);
    }

    @Test
    void theFirstSubprotocolThatIsHereIsSpoken() throws Exception {
        Session session = connect("/chat", "chat.v9", "chat.v2", "chat.v1");
        assertTrue(session.next().text().startsWith("chat.v2;"));
        session.send("who?");
        assertEquals(Heard.text("chat.v2: who?"), session.next());
        end(session);
    }

    @Test
    void whatOneSaysAllHear() throws Exception {
        List<Session> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(open("/broadcast"));
        }
        for (Session each : all) {
            each.send("from one");
            for (Session other : all) {
                assertEquals(Heard.text("from one"), other.next());
            }
        }
        for (Session each : all) {
            end(each);
        }
    }

    @Test
    void theServerHearsWhyThePeerCloses() throws Exception {
        Session session = open("/heard");
        session.close(4001, "müde");
        assertEquals(Heard.closed(4001, "müde"), session.next());
        assertEquals("4001 müde PEER clean", site.heard());
    }

    @Test
    void thePeerHearsWhyTheServerCloses() throws Exception {
        Session session = open("/closing");
        session.send("4002 sagt wer");
        assertEquals(Heard.closed(4002, "sagt wer"), session.next());
        assertEquals("4002 sagt wer LOCAL clean", site.heard());
    }

    @Test
    void thePeerHearsThatItsMessageIsTooLong() throws Exception {
        Session session = open("/small");
        session.fill(true, WebSocketSite.SMALL);
        assertEquals(echoed(true, WebSocketSite.SMALL), session.next());
        session.fill(true, WebSocketSite.SMALL + 1);
        Heard closed = session.next();
        assertEquals(1009, closed.number(), closed::toString);
    }

    @Test
    void aPingIsAnswered() throws Exception {
        Session session = open("/pinging");
        session.send("ping");
        Heard next = session.next();
        if (next.what().equals("ping")) { // some clients tell of it
            next = session.next();
        }
        assertEquals(Heard.text("pong are you there"), next);
        end(session);
    }

    @Test
    void whoIsNotLetInIsRefused() throws Exception {
        for (int status : new int[] {401, 403, 503}) {
            Session session = connect("/refused/" + status);
            Heard refused = session.next();
            assertEquals("refused", refused.what());
            assertEquals(saysStatus() ? status : 0, refused.number());
        }
    }

    private static final class NoPeer implements WebSocketPeer {
        @Override
        public Session open(String url, List<String> subprotocols) {
            throw new IllegalStateException("not started");
        }

        @Override
        public void close() {}
    }
}
