package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.websocket.FrameDecoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.internal.websocket.Signal;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Delivery;
import dev.meerkat.websocket.FrameHead;
import dev.meerkat.websocket.WebSocketEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What arrives on a WebSocket: bytes become messages, pieces of messages, and control frames. A message that came in
 * one piece is shown where it lies; of others the pieces are put together, or passed on.
 */
final class Incoming {
    private final RealWebSocket webSocket;
    private final FrameDecoder.Role role;
    private @Nullable FrameDecoder decoder;
    private @Nullable Assembly assembly;
    private Delivery delivery;
    /** How the message that is under way is delivered. */
    private boolean inPieces;
    /** The frame that is under way, if it is delivered in pieces. */
    private @Nullable FrameHead frame;

    private boolean reading;
    private boolean paused;
    /** What the last ping contained that could not be answered, since the peer does not read. */
    private @Nullable Bytes owedPong;

    Incoming(RealWebSocket webSocket, FrameDecoder.Role role) {
        this.webSocket = webSocket;
        this.role = role;
        this.delivery = webSocket.options().delivery();
    }

    // ---------------------------------------------------------------- reading

    void read(ReceiveQueue queue) {
        webSocket.heard();
        reading = true;
        try {
            boolean more = true;
            while (more && !paused) {
                more = step(queue);
            }
        } finally {
            reading = false;
        }
    }

    /** One signal; answers whether there may be another. */
    private boolean step(ReceiveQueue queue) {
        FrameDecoder present = decoder();
        ByteBuffer raw = queue.raw();
        int before = raw.position();
        Signal signal = present.decode(raw);
        queue.consumed(raw.position() - before);
        boolean listening = webSocket.isOpen();
        switch (signal) {
            case NEED_DATA -> {
                return false;
            }
            case MESSAGE -> {
                if (listening) {
                    message(present, raw);
                }
            }
            case FRAME -> {
                if (listening) {
                    beginFrame(present);
                }
            }
            case PAYLOAD -> {
                if (listening) {
                    piece(present, raw);
                }
            }
            case FRAME_END -> {
                if (listening) {
                    endFrame(present);
                }
            }
            case PING -> {
                if (listening) {
                    ping(copy(present, raw));
                }
            }
            case PONG -> {
                if (listening) {
                    Bytes payload = copy(present, raw);
                    webSocket.tell(new WebSocketEvent.Pong(payload, webSocket.roundTrip(payload)));
                }
            }
            case CLOSE ->
                webSocket.closedByPeer(new CloseStatus(
                        present.closeCode(),
                        StandardCharsets.UTF_8.decode(region(present, raw)).toString()));
            case CLOSED -> {
                return false;
            }
            case FAILED -> {
                queue.discard(queue.size());
                webSocket.broken(present.error());
                return false;
            }
        }
        return true;
    }

    private FrameDecoder decoder() {
        FrameDecoder present = decoder;
        if (present == null) {
            long limit = delivery == Delivery.FRAGMENTS
                    ? Long.MAX_VALUE
                    : webSocket.options().messageBytes();
            present = new FrameDecoder(role, limit, false);
            decoder = present;
        }
        return present;
    }

    private static ByteBuffer region(FrameDecoder from, ByteBuffer raw) {
        int start = from.payloadStart();
        return raw.limit(start + from.payloadLength()).position(start);
    }

    private static Bytes copy(FrameDecoder from, ByteBuffer raw) {
        return Bytes.copyOf(region(from, raw));
    }

    // ---------------------------------------------------------------- messages

    private void message(FrameDecoder from, ByteBuffer raw) {
        if (delivery == Delivery.FRAGMENTS) {
            frame = head(from, true);
            tellPieces(from.isText(), region(from, raw), 0, true);
        } else {
            deliver(from.isText(), region(from, raw));
        }
    }

    /** Shows the handler a whole message. */
    private void deliver(boolean text, ByteBuffer payload) {
        Site site = webSocket.site();
        ReceiveQueue lent = site.lent();
        lent.lend(payload);
        try {
            webSocket.tell(text ? new WebSocketEvent.Text(lent) : new WebSocketEvent.Binary(lent));
        } finally {
            site.endLoan();
        }
    }

    private void beginFrame(FrameDecoder from) {
        if (from.isFirst()) {
            inPieces = delivery == Delivery.FRAGMENTS;
        }
        frame = inPieces ? head(from, from.isFirst()) : null;
    }

    private static FrameHead head(FrameDecoder from, boolean first) {
        Opcode opcode = first ? from.isText() ? Opcode.TEXT : Opcode.BINARY : Opcode.CONTINUATION;
        return new FrameHead(opcode.code(), from.isFinal(), from.isCompressed() && first ? 4 : 0, from.frameLength());
    }

    private void piece(FrameDecoder from, ByteBuffer raw) {
        if (inPieces) {
            long remaining = from.frameRemaining();
            tellPieces(from.isText(), region(from, raw), remaining, from.isFinal() && remaining == 0);
        } else {
            assembly().append(region(from, raw));
        }
    }

    private Assembly assembly() {
        Assembly present = assembly;
        if (present == null) {
            present = new Assembly();
            assembly = present;
        }
        return present;
    }

    private void endFrame(FrameDecoder from) {
        if (inPieces) {
            if (from.frameLength() == 0) {
                tellPieces(from.isText(), ByteBuffer.allocate(0), 0, from.isFinal());
            }
        } else if (from.isFinal()) {
            Assembly complete = assembly();
            assembly = null;
            deliver(from.isText(), complete.bytes());
        }
    }

    /** Shows the handler what has come of a frame, in pieces that are not too large. */
    private void tellPieces(boolean text, ByteBuffer payload, long remaining, boolean last) {
        int most = webSocket.options().fragmentBytes();
        int end = payload.limit();
        int at = payload.position();
        FrameHead head = frame;
        if (head == null) {
            throw new IllegalStateException("no frame is under way");
        }
        Site site = webSocket.site();
        do {
            int count = Math.min(most, end - at);
            long behind = remaining + (end - at - count);
            ReceiveQueue lent = site.lent();
            lent.lend(payload.limit(at + count).position(at));
            try {
                webSocket.tell(new WebSocketEvent.Fragment(head, text, lent, behind, last && behind == 0));
            } finally {
                site.endLoan();
            }
            at += count;
        } while (at < end && webSocket.isOpen());
    }

    // ---------------------------------------------------------------- control frames

    /** Of several pings that cannot be answered at once the last one is (RFC 6455 §5.5.3). */
    private void ping(Bytes payload) {
        if (webSocket.isWritable()) {
            webSocket.sendPong(payload);
        } else {
            owedPong = payload;
        }
        if (webSocket.isOpen()) {
            webSocket.tell(new WebSocketEvent.Ping(payload));
        }
    }

    /** There is room again. */
    void drained() {
        Bytes owed = owedPong;
        if (owed != null) {
            owedPong = null;
            webSocket.sendPong(owed);
        }
    }

    // ---------------------------------------------------------------- pausing

    void pause(Connection connection) {
        paused = true;
        connection.pauseReading();
    }

    void resume(Connection connection) {
        if (!paused) {
            return;
        }
        paused = false;
        connection.resumeReading();
        if (!reading) {
            connection.replaceHandler(webSocket); // by which what was left is announced again
        }
    }

    void delivery(Delivery value) {
        delivery = value;
        FrameDecoder present = decoder;
        if (present != null && !present.isInMessage()) {
            decoder = null;
        }
    }

    void release() {
        decoder = null;
        assembly = null;
    }
}
