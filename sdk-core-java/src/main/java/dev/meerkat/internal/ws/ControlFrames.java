package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import java.nio.ByteBuffer;

/**
 * Pings, pongs and the close frame of a WebSocket on their way out; they may stand between the pieces of a message (RFC
 * 6455 §5.4). Holds nothing. Loop thread.
 */
final class ControlFrames {
    /** What a close frame takes at most. */
    private static final int CLOSE_BYTES = Sender.SPARE_BYTES / 2;

    private ControlFrames() {}

    /** A ping, or a pong that nobody has asked for. */
    static void send(RealWebSocket webSocket, Opcode opcode, Bytes payload) {
        if (payload.length() > FrameEncoder.MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException("the payload of a ping or pong has at most "
                    + FrameEncoder.MAX_CONTROL_BYTES + " bytes (RFC 6455 5.5): " + payload.length());
        }
        FrameWriter writer = webSocket.site.writer;
        Connection below = webSocket.sender.beginSending();
        webSocket.sender.requireRoom(below, writer.frameLength(payload.length()));
        writer.write(below, FrameEncoder.head(opcode, true, false), payload);
        if (opcode == Opcode.PING) {
            webSocket.site.liveness.asked(webSocket, payload);
        }
    }

    /** Sends a ping, unless there is no room for it, or nobody to send it to. */
    static void tryPing(RealWebSocket webSocket, Bytes payload) {
        webSocket.site.room.settle();
        Connection below = webSocket.openConnection();
        long length = webSocket.site.writer.frameLength(payload.length());
        if (below != null && webSocket.sender.hasRoom(below, length, Sender.SPARE_BYTES)) {
            send(webSocket, Opcode.PING, payload);
        }
    }

    /** The answer to a ping; false if there is no room for it now. */
    static boolean tryPong(RealWebSocket webSocket, Bytes payload) {
        webSocket.site.room.settle();
        Connection below = webSocket.connectionIfAny();
        if (below == null || !webSocket.isWritable() || !webSocket.sender.hasRoom(below, CLOSE_BYTES, CLOSE_BYTES)) {
            return false;
        }
        webSocket.site.writer.write(below, FrameEncoder.head(Opcode.PONG, true, false), payload);
        return true;
    }

    /** The last word. */
    static void sendClose(RealWebSocket webSocket, Connection below, CloseStatus status) {
        byte[] payload = status.code() == CloseStatus.NONE
                ? new byte[0]
                : FrameEncoder.closePayload(status.code(), FrameEncoder.shortened(status.reason()));
        webSocket.site.writer.write(below, FrameEncoder.head(Opcode.CLOSE, true, false), ByteBuffer.wrap(payload));
    }
}
