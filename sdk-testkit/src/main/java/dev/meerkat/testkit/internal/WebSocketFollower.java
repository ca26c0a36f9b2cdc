package dev.meerkat.testkit.internal;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Follows a connection as one of its ends sees it, and tells each WebSocket frame in a line: {@code ->} for what was
 * sent, {@code <-} for what came. Before the handshake it looks for nothing but that: a head that asks for a WebSocket,
 * and one that answers 101.
 */
public final class WebSocketFollower {
    /** What is looked for stands in short lines; of longer ones the end is looked at. */
    private static final int LONGEST_LINE = 512;

    private final Direction sent;
    private final Direction received;

    /**
     * Begins with a connection on which nothing has passed, or HTTP.
     *
     * @param lines is told each frame when it is complete
     */
    public WebSocketFollower(Consumer<String> lines) {
        sent = new Direction("-> ", lines);
        received = new Direction("<- ", lines);
    }

    /**
     * Bytes were sent.
     *
     * @param bytes all of them are taken
     */
    public void sent(ByteBuffer bytes) {
        sent.take(bytes, received);
    }

    /**
     * Bytes came.
     *
     * @param bytes all of them are taken
     */
    public void received(ByteBuffer bytes) {
        received.take(bytes, sent);
    }

    /** Nothing more comes. Tells of a frame that has not come whole. */
    public void inputEnded() {
        received.end();
    }

    /** Nothing more comes, nor is sent. Tells of frames that have not passed whole. */
    public void ended() {
        received.end();
        sent.end();
    }

    private static final class Direction {
        private final StringBuilder line = new StringBuilder();
        private final FrameFollower frames;
        private boolean response;
        private boolean switching;
        private boolean toWebSocket;
        /** A WebSocket was asked for here; what follows is frames, unless the answer says otherwise. */
        private boolean asked;

        private boolean upgraded;

        Direction(String prefix, Consumer<String> lines) {
            frames = new FrameFollower(text -> lines.accept(prefix + text));
        }

        void take(ByteBuffer bytes, Direction other) {
            while (bytes.hasRemaining()) {
                if (upgraded || asked) {
                    frames.take(bytes);
                } else {
                    character((char) (bytes.get() & 0xFF), other);
                }
            }
        }

        private void character(char next, Direction other) {
            if (next != '\n') {
                line.append(next);
                if (line.length() > LONGEST_LINE) {
                    line.delete(0, LONGEST_LINE / 2);
                }
                return;
            }
            String text = line.toString().strip();
            line.setLength(0);
            if (text.isEmpty()) {
                headEnds(other);
                return;
            }
            int version = text.indexOf("HTTP/1.1 ");
            if (version >= 0) {
                response = true;
                switching = text.startsWith("101", version + 9);
            }
            String lower = text.toLowerCase(Locale.ROOT);
            toWebSocket |= lower.startsWith("upgrade:") && lower.contains("websocket");
        }

        private void headEnds(Direction other) {
            if (!response) {
                asked = toWebSocket;
            } else if (switching && toWebSocket && other.asked) {
                upgraded = true;
                other.upgraded = true;
            } else {
                other.asked = false;
            }
            response = false;
            switching = false;
            toWebSocket = false;
        }

        void end() {
            if (upgraded) {
                frames.end();
            }
        }
    }
}
