package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.multipart.MultipartHandler;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimUploadTest extends UploadRules {
    /** How a sender stops in the middle. */
    enum Cut {
        CLOSE(Peer::close),
        RESET(Peer::reset),
        HALF_CLOSE(Peer::shutdownOutput),
        SILENCE(peer -> {});

        private final Consumer<Peer> action;

        Cut(Consumer<Peer> action) {
            this.action = action;
        }
    }

    /** About 10,800 bytes, so that all kinds of cuts at all places are about 43,000. */
    private static final String UPLOAD =
            post(file("a.bin", "first ".repeat(880)) + "--b\r\nContent-Disposition: form-data;"
                    + " name=\"title\"\r\n\r\nHolidays\r\n" + file("b.bin", "second ".repeat(720)) + "--b--\r\n");

    private static final int HEAD = UPLOAD.indexOf("\r\n\r\n") + 4;

    @Override
    Arm openArm() {
        return new SimArm();
    }

    @ParameterizedTest
    @EnumSource
    void cutAtEveryByteWhatHasBegunIsEnded(Cut cut) throws IOException {
        Told told = new Told();
        Acceptor acceptor = manager().listen("http://" + arm.listenAddress(), MultipartHandler.streaming(LIMITS, told));
        for (int sent = 0; sent <= UPLOAD.length(); sent++) {
            told.lines.clear();
            play(acceptor, cut, sent);
            assertTrue(told.isPaired(), () -> told.lines.toString());
            int at = sent;
            if (sent < HEAD) {
                assertEquals(List.of(), told.lines, () -> cut + " at " + at);
            } else {
                String end = sent == UPLOAD.length() ? "end complete" : "end aborted MESSAGE_FAILED";
                assertEquals(end, told.last(), () -> cut + " at " + at);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void cutAnywhereNoFileIsLeft(Cut cut) throws IOException {
        HttpHandler handler = MultipartHandler.toDirectory(directory, LIMITS);
        Acceptor acceptor = manager().listen("http://" + arm.listenAddress(), handler);
        for (int sent = HEAD; sent < UPLOAD.length(); sent += 53) {
            play(acceptor, cut, sent);
            arm.until("the workers to be done", () -> names().isEmpty(), () -> names().toString());
        }
        play(acceptor, cut, UPLOAD.length());
        if (cut == Cut.HALF_CLOSE || cut == Cut.SILENCE) {
            arm.until("the files", () -> names().equals(List.of("a.bin", "b.bin")), () -> names().toString());
        }
    }

    /** Sends so many bytes, stops, and waits for the end of the connection. */
    private void play(Acceptor acceptor, Cut cut, int count) throws IOException {
        long before = manager().statistics().accepted();
        Peer peer = Peer.connecting(arm.peers().connect(arm.addressOf(acceptor), SocketOptions.DEFAULT));
        peer.send(UPLOAD.substring(0, count));
        boolean[] stopped = new boolean[1];
        arm.until(
                "the end of " + cut + " at " + count,
                () -> {
                    if (stopped[0]) {
                        if (cut == Cut.HALF_CLOSE || cut == Cut.SILENCE) {
                            peer.pump();
                        }
                    } else {
                        peer.pump();
                        if (peer.isConnected() && peer.hasSentAll()) {
                            stopped[0] = true;
                            cut.action.accept(peer);
                        }
                    }
                    return stopped[0]
                            && manager().statistics().accepted() > before
                            && manager().statistics().connections() == 0;
                },
                peer::toString);
        peer.close();
    }
}
