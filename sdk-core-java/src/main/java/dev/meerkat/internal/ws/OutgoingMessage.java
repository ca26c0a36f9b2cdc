package dev.meerkat.internal.ws;

import dev.meerkat.event.Bytes;
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
    private long waitingBytes;
    /** What the next frame is: a continuation, once there has been one. */
    private Opcode next;

    /** The first piece has been sent: it is decided whether the message is compressed. */
    private boolean begun;

    private boolean compressed;
    private boolean ended;
    private boolean producing;
    private int utf8 = Utf8Check.COMPLETE;

    OutgoingMessage(RealWebSocket webSocket, boolean text, @Nullable MessageProducer producer) {
        this.webSocket = webSocket;
        this.text = text;
        this.producer = producer;
        this.next = FrameWriter.opcode(text);
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
        webSocket.sender.outgoingEnded(waiting);
        over(true);
    }

    private void sendPiece(Bytes piece, boolean last) {
        webSocket.checkThread("MessageOutput.send");
        if (ended) {
            throw new IllegalStateException("the message has ended");
        }
        int checked = text ? check(piece, last) : Utf8Check.COMPLETE;
        webSocket.sender.requireRoomForPiece(piece.length());
        if (!begun) {
            begun = true;
            compressed = webSocket.sender.beginsCompressed();
        }
        if (webSocket.sender.sendPiece(next, compressed, piece, last)) {
            next = Opcode.CONTINUATION;
        }
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
        if (present == null || producing || ended) {
            return;
        }
        producing = true;
        try {
            present.produce(this);
        } catch (Throwable e) {
            Closer.failed(webSocket, e);
        } finally {
            producing = false;
        }
    }

    /** A message that was sent meanwhile, with what it may take of the send limit. */
    void waitBehind(SharedMessage message, long bytes) {
        waiting.add(message);
        waitingBytes += bytes;
    }

    long waitingBytes() {
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
        if (present == null) {
            return;
        }
        try {
            present.onEnd(complete);
        } catch (Throwable e) {
            Closer.failed(webSocket, e);
        }
    }
}
