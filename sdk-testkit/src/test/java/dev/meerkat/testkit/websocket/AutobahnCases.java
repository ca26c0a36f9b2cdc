package dev.meerkat.testkit.websocket;

import static dev.meerkat.testkit.websocket.WireFrame.BINARY;
import static dev.meerkat.testkit.websocket.WireFrame.CONTINUATION;
import static dev.meerkat.testkit.websocket.WireFrame.PING;
import static dev.meerkat.testkit.websocket.WireFrame.TEXT;
import static dev.meerkat.testkit.websocket.WireFrame.close;
import static dev.meerkat.testkit.websocket.WireFrame.continuation;
import static dev.meerkat.testkit.websocket.WireFrame.ping;
import static dev.meerkat.testkit.websocket.WireFrame.pong;
import static dev.meerkat.testkit.websocket.WireFrame.text;

import dev.meerkat.event.Event;
import dev.meerkat.websocket.CompressionOptions;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The rules that the Autobahn test suite checks, each under the number of its case, strict: where the suite lets more
 * than one behaviour pass, only the best does here. What the suite calls informational has one right answer here, too.
 * The other side echoes text and binary messages.
 */
final class AutobahnCases {
    /** What it takes to echo the largest message; every message is compressed, however short. */
    static final WebSocketOptions ECHO_OPTIONS = WebSocketOptions.builder()
            .messageBytes(16 << 20)
            .pingInterval(Duration.ZERO)
            .compression(CompressionOptions.builder().threshold(0).build())
            .build();

    private static final int[] LENGTHS = {0, 125, 126, 127, 128, 65_535, 65_536};
    private static final int[] CODES_TO_ECHO = {
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999
    };
    private static final int[] CODES_TO_REFUSE = {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999};
    private static final String HELLO = "Hello, world!";
    private static final String UMLAUTS = "Hello-µ@ßöäüàá-UTF-8!!";
    private static final byte[] GREEK = HexFormat.of().parseHex("cebae1bdb9cf83cebcceb5");
    private static final byte[] SURROGATE = HexFormat.of().parseHex("cebae1bdb9cf83cebcceb5eda080656469746564");
    /** Malformed with its thirteenth byte, which makes a code point above U+10FFFF. */
    private static final byte[] TOO_HIGH = HexFormat.of().parseHex("cebae1bdb9cf83cebcceb5f4908080656469746564");

    private final List<AutobahnCase> cases = new ArrayList<>();

    private AutobahnCases() {}

    /**
     * Every case, those of groups 9, 12 and 13 smaller than in the suite unless {@code -Dautobahn.full=true} asks for
     * their full size.
     */
    static Stream<AutobahnCase> everything() {
        boolean full = Boolean.getBoolean("autobahn.full");
        return Stream.of(all(), AutobahnLoad.large(full), AutobahnLoad.compressed(full))
                .flatMap(List::stream);
    }

    /** Sends every message back. */
    static void echo(WebSocket webSocket, Event event) {
        if (event instanceof WebSocketEvent.Text text) {
            webSocket.sendText(text.payload());
        } else if (event instanceof WebSocketEvent.Binary binary) {
            webSocket.sendBinary(binary.payload());
        }
    }

    /** Groups 1 to 7 and 10. */
    private static List<AutobahnCase> all() {
        AutobahnCases all = new AutobahnCases();
        all.framing();
        all.pings();
        all.reservedBits();
        all.opcodes();
        all.fragments();
        all.orphans();
        all.texts();
        all.closing();
        all.closingCodes();
        all.add("10.1.1", peer -> {
            byte[] payload = stars(65_536);
            peer.sendMessage(TEXT, payload, 1300).expectMessage(TEXT, payload).closes();
        });
        return all.cases;
    }

    private void add(String number, Consumer<AutobahnPeer> script) {
        cases.add(AutobahnCase.plain(number, script));
    }

    static byte[] stars(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) '*');
        return bytes;
    }

    private static WireFrame[] inBytes(byte[] message) {
        WireFrame[] frames = new WireFrame[message.length];
        for (int i = 0; i < message.length; i++) {
            WireFrame frame = WireFrame.of(i == 0 ? TEXT : CONTINUATION, message[i]);
            frames[i] = i == message.length - 1 ? frame : frame.notFinal();
        }
        return frames;
    }

    private void framing() {
        for (int kind = TEXT; kind <= BINARY; kind++) {
            int opcode = kind;
            for (int i = 0; i < LENGTHS.length; i++) {
                byte[] payload = stars(LENGTHS[i]);
                if (opcode == BINARY) {
                    Arrays.fill(payload, (byte) 0xFE);
                }
                add(
                        "1." + opcode + "." + (i + 1),
                        peer -> peer.send(WireFrame.of(opcode, payload))
                                .expectMessage(opcode, payload)
                                .closes());
            }
            byte[] last = stars(65_536);
            add(
                    "1." + opcode + ".8",
                    peer -> peer.chopped(997, WireFrame.of(opcode, last))
                            .expectMessage(opcode, last)
                            .closes());
        }
    }

    private void pings() {
        byte[] binary = {0, (byte) 0xFF, (byte) 0xFE, (byte) 0xFD, (byte) 0xFC, (byte) 0xFB, 0, (byte) 0xFF};
        byte[] most = new byte[125];
        Arrays.fill(most, (byte) 0xFE);
        add("2.1", peer -> peer.send(ping("")).expectPong("").closes());
        add("2.2", peer -> peer.send(ping(HELLO)).expectPong(HELLO).closes());
        add(
                "2.3",
                peer -> peer.send(WireFrame.of(PING, binary)).expectPong(binary).closes());
        add("2.4", peer -> peer.send(WireFrame.of(PING, most)).expectPong(most).closes());
        add("2.5", peer -> peer.send(WireFrame.of(PING, new byte[126])).fails(1002));
        add(
                "2.6",
                peer -> peer.chopped(1, WireFrame.of(PING, most))
                        .expectPong(most)
                        .closes());
        add("2.7", peer -> peer.send(pong("")).staysOpen().closes());
        add("2.8", peer -> peer.send(pong("unsolicited")).staysOpen().closes());
        add(
                "2.9",
                peer -> peer.send(pong("unsolicited"), ping("ping"))
                        .expectPong("ping")
                        .closes());
        for (int chop : new int[] {Integer.MAX_VALUE, 1}) {
            add(chop == 1 ? "2.11" : "2.10", peer -> {
                WireFrame[] pings = new WireFrame[10];
                Arrays.setAll(pings, i -> ping("payload-" + i));
                peer.chopped(chop, pings);
                for (WireFrame each : pings) {
                    peer.expectPong(each.text());
                }
                peer.closes();
            });
        }
    }

    private void reservedBits() {
        add("3.1", peer -> peer.send(text(HELLO).reserved(1)).fails(1002));
        echoThenFails("3.2", Integer.MAX_VALUE, text(HELLO).reserved(2));
        add(
                "3.3",
                peer -> peer.sendEach(text(HELLO), text(HELLO).reserved(3), ping(""))
                        .expectText(HELLO)
                        .fails(1002));
        echoThenFails("3.4", 1, text(HELLO).reserved(4));
        add("3.5", peer -> peer.send(WireFrame.of(BINARY, HELLO).reserved(5)).fails(1002));
        add("3.6", peer -> peer.send(ping(HELLO).reserved(6)).fails(1002));
        add("3.7", peer -> peer.send(close(1000).reserved(7)).fails(1002));
    }

    /** A message, something wrong, a ping: the message comes back, the wrong is caught, the ping is not answered. */
    private void echoThenFails(String number, int chop, WireFrame wrong) {
        add(
                number,
                peer -> peer.chopped(chop, text(HELLO), wrong, ping(""))
                        .expectText(HELLO)
                        .fails(1002));
    }

    private void opcodes() {
        int[] reserved = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15};
        for (int i = 0; i < reserved.length; i++) {
            String number = "4." + (i < 5 ? 1 : 2) + "." + (i % 5 + 1);
            WireFrame wrong = i % 2 == i / 5 % 2 && i % 5 % 2 == 0
                    ? WireFrame.of(reserved[i])
                    : WireFrame.of(reserved[i], "reserved opcode payload");
            if (i % 5 < 2) {
                add(number, peer -> peer.send(wrong).fails(1002));
            } else {
                echoThenFails(number, Integer.MAX_VALUE, wrong);
            }
        }
    }

    private void fragments() {
        WireFrame first = text("fragment1").notFinal();
        WireFrame last = continuation("fragment2");
        add("5.1", peer -> peer.send(ping("fragment1").notFinal(), last).fails(1002));
        add("5.2", peer -> peer.send(pong("fragment1").notFinal(), last).fails(1002));
        add(
                "5.3",
                peer -> peer.send(first, last).expectText("fragment1fragment2").closes());
        add(
                "5.4",
                peer -> peer.sendEach(first, last)
                        .expectText("fragment1fragment2")
                        .closes());
        add(
                "5.5",
                peer -> peer.chopped(1, first, last)
                        .expectText("fragment1fragment2")
                        .closes());
        WireFrame ping = ping("ping payload");
        add("5.6", peer -> pongThenEcho(peer.send(first, ping, last)));
        add("5.7", peer -> pongThenEcho(peer.sendEach(first, ping, last)));
        add("5.8", peer -> pongThenEcho(peer.chopped(1, first, ping, last)));
        add("5.18", peer -> peer.send(first, text("fragment2")).fails(1002));
        for (boolean each : new boolean[] {false, true}) {
            add(each ? "5.20" : "5.19", peer -> {
                WireFrame[] early = {first, last.notFinal(), ping("pongme 1!")};
                WireFrame[] late = {
                    continuation("fragment3").notFinal(),
                    continuation("fragment4").notFinal(),
                    ping("pongme 2!"),
                    continuation("fragment5")
                };
                (each ? peer.sendEach(early) : peer.send(early))
                        .expectPong("pongme 1!")
                        .staysOpen();
                (each ? peer.sendEach(late) : peer.send(late))
                        .expectPong("pongme 2!")
                        .expectText("fragment1fragment2fragment3fragment4fragment5")
                        .closes();
            });
        }
    }

    private static void pongThenEcho(AutobahnPeer peer) {
        peer.expectPong("ping payload").expectText("fragment1fragment2").closes();
    }

    /** Continuations of nothing. */
    private void orphans() {
        WireFrame orphan = continuation("non-continuation payload");
        for (int i = 0; i < 6; i++) {
            WireFrame wrong = i < 3 ? orphan : orphan.notFinal();
            int how = i % 3;
            add("5." + (9 + i), peer -> {
                WireFrame[] frames = {wrong, text(HELLO)};
                if (how == 0) {
                    peer.send(frames);
                } else if (how == 1) {
                    peer.sendEach(frames);
                } else {
                    peer.chopped(1, frames);
                }
                peer.fails(1002);
            });
        }
        WireFrame first = text("fragment1").notFinal();
        WireFrame last = continuation("fragment2");
        add(
                "5.15",
                peer -> peer.send(first, last, continuation("fragment3").notFinal(), text("fragment4"))
                        .expectText("fragment1fragment2")
                        .fails(1002));
        for (boolean fin : new boolean[] {false, true}) {
            WireFrame wrong =
                    fin ? continuation("fragment0") : continuation("fragment0").notFinal();
            add(
                    fin ? "5.17" : "5.16",
                    peer -> peer.send(wrong, first, last, wrong, first, last).fails(1002));
        }
    }

    private void texts() {
        WireFrame nothing = text("").notFinal();
        add("6.1.1", peer -> peer.send(text("")).expectText("").closes());
        add(
                "6.1.2",
                peer -> peer.send(nothing, continuation("").notFinal(), continuation(""))
                        .expectText("")
                        .closes());
        add(
                "6.1.3",
                peer -> peer.send(nothing, continuation("middle").notFinal(), continuation(""))
                        .expectText("middle")
                        .closes());
        add("6.2.1", peer -> peer.send(text(UMLAUTS)).expectText(UMLAUTS).closes());
        add(
                "6.2.2",
                peer -> peer.send(text(UMLAUTS.substring(0, 11)).notFinal(), continuation(UMLAUTS.substring(11)))
                        .expectText(UMLAUTS)
                        .closes());
        add(
                "6.2.3",
                peer -> peer.send(inBytes(UMLAUTS.getBytes(StandardCharsets.UTF_8)))
                        .expectText(UMLAUTS)
                        .closes());
        add(
                "6.2.4",
                peer -> peer.send(inBytes(GREEK)).expectMessage(TEXT, GREEK).closes());
        add("6.3.1", peer -> peer.send(WireFrame.of(TEXT, SURROGATE)).fails(1007));
        add("6.3.2", peer -> peer.send(inBytes(SURROGATE)).fails(1007));
        // caught with the byte that makes it wrong, whatever is still to come
        int[][] cuts = {{11, 15}, {12, 13}};
        for (int i = 0; i < cuts.length; i++) {
            int good = cuts[i][0];
            int bad = cuts[i][1];
            add(
                    "6.4." + (i + 1),
                    peer -> peer.send(part(TEXT, 0, good))
                            .staysOpen()
                            .send(part(CONTINUATION, good, bad))
                            .fails(1007));
            add(
                    "6.4." + (i + 3),
                    peer -> peer.sendPart(WireFrame.of(TEXT, TOO_HIGH), 0, good)
                            .staysOpen()
                            .sendPart(WireFrame.of(TEXT, TOO_HIGH), good, bad)
                            .fails(1007));
        }
        cases.addAll(AutobahnUtf8.cases());
    }

    private static WireFrame part(int opcode, int from, int to) {
        return WireFrame.of(opcode, Arrays.copyOfRange(TOO_HIGH, from, to)).notFinal();
    }

    private void closing() {
        byte[] large = stars(256 << 10);
        add("7.1.1", peer -> peer.send(text(HELLO)).expectText(HELLO).closes());
        add("7.1.2", peer -> peer.send(close(1000), close()).answered(1000));
        add("7.1.3", peer -> peer.send(close(1000), ping("")).answered(1000));
        add("7.1.4", peer -> peer.send(close(1000), text(HELLO)).answered(1000));
        add(
                "7.1.5",
                peer -> peer.send(text("fragment1").notFinal(), close(1000), continuation("fragment2"))
                        .answered(1000));
        add(
                "7.1.6",
                peer -> peer.send(WireFrame.of(TEXT, large), text(HELLO), close(1000), ping(""))
                        .expectMessage(TEXT, large)
                        .expectText(HELLO)
                        .answered(1000));
        add("7.3.1", peer -> peer.send(close()).answered(1000, 1005));
        add("7.3.2", peer -> peer.send(WireFrame.of(WireFrame.CLOSE, "a")).fails(1002));
        add("7.3.3", peer -> peer.send(close(1000)).answered(1000));
        add("7.3.4", peer -> peer.send(close(1000, HELLO)).answered(1000));
        add("7.3.5", peer -> peer.send(close(1000, stars(123))).answered(1000));
        add("7.3.6", peer -> peer.send(close(1000, stars(124))).fails(1002));
        add("7.5.1", peer -> peer.send(close(1000, SURROGATE)).fails(1007));
    }

    private void closingCodes() {
        for (int i = 0; i < CODES_TO_ECHO.length; i++) {
            int code = CODES_TO_ECHO[i];
            add("7.7." + (i + 1), peer -> peer.send(close(code)).answered(code));
        }
        for (int i = 0; i < CODES_TO_REFUSE.length; i++) {
            int code = CODES_TO_REFUSE[i];
            add("7.9." + (i + 1), peer -> peer.send(close(code)).fails(1002));
        }
        add("7.13.1", peer -> peer.send(close(5000)).fails(1002));
        add("7.13.2", peer -> peer.send(close(65_535)).fails(1002));
    }
}
