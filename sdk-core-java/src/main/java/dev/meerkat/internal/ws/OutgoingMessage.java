package dev.meerkat.internal.ws;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.internal.websocket.Utf8Check;
import dev.meerkat.websocket.MessageOutput;
import dev.meerkat.websocket.MessageProducer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A message that is sent piece by piece, and those that wait behind it. */
final class OutgoingMessage implements MessageOutput {
    private final RealWebSocket webSocket;
    private final boolean text;
    private final @Nullable MessageProducer producer;
    private final ArrayDeque<SharedMessage> waiting = new ArrayDeque<>(0);
    private int waitingBytes;
    private boolean begun;
    private boolean ended;
    private boolean producing;
    private int utf8 = Utf8Check.COMPLETE;

    OutgoingMessage(RealWebSocket webSocket, boolean text, @Nullable MessageProducer producer) {
        this.webSocket = webSocket;
        this.text = text;
        this.producer = producer;
    }

    @Override
    public MessageOutput send(Bytes piece) {
        sendPiece(piece, false);
        return this;
    }

    @Override
    public void end() {
        end(Bytes.EMPTY);
    }

    @Override
    public void end(Bytes piece) {
        sendPiece(piece, true);
        ended = true;
        webSocket.outgoingEnded(waiting);
        over(true);
    }

    private void sendPiece(Bytes piece, boolean last) {
        if (ended) {
            throw new IllegalStateException("the message has ended");
        }
        int checked = text ? check(piece, last) : Utf8Check.COMPLETE;
        Opcode opcode = begun ? Opcode.CONTINUATION : text ? Opcode.TEXT : Opcode.BINARY;
        webSocket.sendPiece(FrameEncoder.head(opcode, last, false), piece);
        begun = true;
        utf8 = checked;
    }

    private int check(Bytes piece, boolean last) {
        int checked = Utf8Check.advance(utf8, piece.asByteBuffer(), 0, piece.length());
        if (checked < 0) {
            throw new IllegalArgumentException("a piece of a text is not UTF-8 at its byte " + ~checked);
        }
        if (last && checked != Utf8Check.COMPLETE) {
            throw new IllegalArgumentException("a text ends within a character");
        }
        return checked;
    }

    @Override
    public boolean isWritable() {
        return !ended && webSocket.isWritable();
    }

    /** There is room: the producer, if there is one, may go on. */
    void drained() {
        MessageProducer present = producer;
        if (present == null || producing) {
            return;
        }
        producing = true;
        try {
            present.produce(this);
        } catch (Exception e) {
            webSocket.failed(e);
        } finally {
            producing = false;
        }
    }

    /** A message that was sent meanwhile. */
    void waitBehind(SharedMessage message) {
        waiting.add(message);
        waitingBytes += message.bytes().length() + FrameEncoder.MAX_HEADER_BYTES;
    }

    int waitingBytes() {
        return waitingBytes;
    }

    /** The WebSocket ends, and the message with it. */
    void cut() {
        if (!ended) {
            ended = true;
            over(false);
        }
    }

    private void over(boolean complete) {
        MessageProducer present = producer;
        if (present != null) {
            present.onEnd(complete);
        }
    }
}
