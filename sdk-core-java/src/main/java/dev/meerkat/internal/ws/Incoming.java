package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.websocket.DeflateException;
import dev.meerkat.internal.websocket.FrameDecoder;
import dev.meerkat.internal.websocket.Signal;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Delivery;
import dev.meerkat.websocket.WebSocketError;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketRule;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What arrives on a WebSocket: bytes become messages and control frames. A message that came in one piece is shown
 * where it lies; any other one is {@link Arriving}. Between two messages it has no decoder.
 */
final class Incoming {
    /**
     * What must fit into the receive buffer: a control frame. Headers are shorter, and payload is taken as it comes.
     */
    private static final int LEAST_RECEIVED = 256;

    /** Arrays end here. */
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final RealWebSocket webSocket;
    private @Nullable FrameDecoder decoder;
    /** The message that is under way, if it does not come in one piece. */
    private @Nullable Arriving arriving;
    /** While something has begun to come and not ended. */
    private @Nullable Unfinished unfinished;
    /** What the last ping contained that could not be answered, since the peer does not read. */
    private @Nullable Bytes owedPong;

    private Delivery delivery;
    /** How many bytes the decoders before the present one have taken. */
    private long position;

    private boolean reading;
    private boolean paused;
    /** The peer's last word has come, or nothing can be understood any more: the rest is thrown away. */
    private boolean deaf;

    Incoming(RealWebSocket webSocket) {
        this.webSocket = webSocket;
        this.delivery = webSocket.options().delivery();
    }

    void begin(Connection connection) {
        if (connection.options().receiveLimit() < LEAST_RECEIVED) {
            connection.configure(connection.options().toBuilder()
                    .receiveLimit(LEAST_RECEIVED)
                    .build());
        }
    }

    // ---------------------------------------------------------------- reading

    void read(ReceiveQueue queue) {
        if (deaf) {
            queue.discard(queue.size());
            return;
        }
        if (paused) {
            webSocket.connection().pauseReading(); // HTTP has resumed behind Opened
            return;
        }
        if (listens()) {
            webSocket.site.liveness.heard(webSocket);
            sendOwedPong();
        }
        reading = true;
        try {
            boolean more = true;
            while (more && !paused && !deaf) {
                Arriving present = arriving;
                more = (present != null && present.holds()) ? goOn(present) : step(queue);
            }
            if (deaf) {
                queue.discard(queue.size());
            }
        } finally {
            reading = false;
            returnDecoder();
        }
        if (decoder != null || !queue.isEmpty()) {
            watch(0);
        }
    }

    /** One signal; answers whether there may be another. */
    private boolean step(ReceiveQueue queue) {
        FrameDecoder present = decoder();
        ByteBuffer raw = queue.raw();
        int before = raw.position();
        Signal signal = present.decode(raw);
        queue.consumed(raw.position() - before);
        switch (signal) {
            case NEED_DATA -> {
                return false;
            }
            case MESSAGE -> {
                if (listens()) {
                    message(present, raw);
                }
            }
            case FRAME -> {
                if (listens()) {
                    frame(present);
                }
            }
            case PAYLOAD -> {
                Arriving message = arriving;
                if (message != null) {
                    long left = present.frameRemaining();
                    piece(message, region(present, raw), left, present.isFinal() && left == 0);
                }
            }
            case FRAME_END -> {
                Arriving message = arriving;
                if (message != null && present.frameLength() == 0) {
                    piece(message, ByteBuffer.allocate(0), 0, present.isFinal());
                }
                if (present.isFinal()) {
                    applyDelivery();
                }
            }
            case PING, PONG -> {
                if (listens()) {
                    control(signal == Signal.PING, Bytes.copyOf(region(present, raw)));
                }
            }
            case CLOSE -> {
                deaf = true;
                Closer.closedByPeer(
                        webSocket,
                        new CloseStatus(
                                present.closeCode(),
                                StandardCharsets.UTF_8
                                        .decode(region(present, raw))
                                        .toString()));
                return false;
            }
            case CLOSED -> {
                return false;
            }
            case FAILED -> {
                deaf = true;
                Closer.broken(webSocket, present.error());
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer region(FrameDecoder from, ByteBuffer raw) {
        int start = from.payloadStart();
        return raw.limit(start + from.payloadLength()).position(start);
    }

    // ---------------------------------------------------------------- the decoder

    private FrameDecoder decoder() {
        FrameDecoder present = decoder;
        if (present == null) {
            present = webSocket.site.borrowDecoder(mostBytes(), pieceBytes(), packs(), position);
            decoder = present;
        }
        return present;
    }

    private void returnDecoder() {
        FrameDecoder present = decoder;
        if (present == null) {
            return;
        }
        if (present.isIdle()) {
            decoder = null;
            position = present.position();
            webSocket.site.returnDecoder(present);
        } else if (deaf) {
            decoder = null;
        }
    }

    /** How long a message may be on the wire. */
    private long mostBytes() {
        return delivery == Delivery.FRAGMENTS || !listens() ? Long.MAX_VALUE : messageBytes();
    }

    int messageBytes() {
        return Math.min(webSocket.options().messageBytes(), LARGEST_ARRAY);
    }

    private int pieceBytes() {
        return delivery == Delivery.FRAGMENTS ? webSocket.options().fragmentBytes() : Integer.MAX_VALUE;
    }

    private boolean packs() {
        return webSocket.sender.compression() != null;
    }

    void delivery(Delivery value) {
        delivery = value;
        applyDelivery();
    }

    /** Between two messages; within one this comes at its end. */
    private void applyDelivery() {
        FrameDecoder present = decoder;
        if (present != null && present.isIdle()) {
            present.begin(mostBytes(), pieceBytes(), packs(), present.position());
        }
    }

    // ---------------------------------------------------------------- messages

    private void message(FrameDecoder from, ByteBuffer raw) {
        webSocket.messageMoved();
        unwatch();
        if (delivery == Delivery.MESSAGES && !from.isCompressed()) {
            deliver(from.isText(), region(from, raw));
        } else {
            piece(begin(from), region(from, raw), 0, true);
        }
    }

    private void frame(FrameDecoder from) {
        webSocket.messageMoved();
        Arriving present = arriving;
        if (from.isFirst()) {
            Arriving unused = begin(from);
        } else if (present != null) {
            present.frame(from);
        }
    }

    private Arriving begin(FrameDecoder from) {
        boolean inPieces = delivery == Delivery.FRAGMENTS;
        Compression packing = webSocket.sender.compression();
        Arriving begun = new Arriving(
                this,
                from,
                inPieces,
                from.isCompressed() && packing != null
                        ? packing.inflater(
                                inPieces ? Long.MAX_VALUE : messageBytes(),
                                inPieces ? webSocket.options().fragmentBytes() : Integer.MAX_VALUE)
                        : null);
        arriving = begun;
        return begun;
    }

    private void piece(Arriving message, ByteBuffer piece, long left, boolean end) {
        webSocket.messageMoved();
        try {
            message.piece(piece, left, end);
        } catch (DeflateException e) {
            cannotInflate(e);
        }
    }

    /** The handler listens again to what was decompressed for it before; answers whether there may be more. */
    private boolean goOn(Arriving message) {
        try {
            message.goOn();
            return true;
        } catch (DeflateException e) {
            cannotInflate(e);
            return false;
        }
    }

    private void cannotInflate(DeflateException e) {
        WebSocketRule rule = e.kind().rule();
        if (rule == null) {
            Closer.overloaded(webSocket, String.valueOf(e.getMessage()));
        } else {
            deaf = true;
            Closer.broken(webSocket, new WebSocketError(rule, position(), String.valueOf(e.getMessage())));
        }
    }

    /** Shows the handler a whole message. */
    void deliver(boolean text, ByteBuffer payload) {
        Site site = webSocket.site;
        ReceiveQueue lent = site.lent();
        lent.lend(payload);
        try {
            webSocket.tell(text ? new WebSocketEvent.Text(lent) : new WebSocketEvent.Binary(lent));
        } finally {
            site.endLoan();
        }
    }

    /** Shows the handler a piece of a message. */
    void deliver(Arriving from, ByteBuffer piece, boolean last) {
        Site site = webSocket.site;
        ReceiveQueue lent = site.lent();
        lent.lend(piece);
        try {
            webSocket.tell(new WebSocketEvent.Fragment(from.head(), from.isText(), lent, from.frameRemaining(), last));
        } finally {
            site.endLoan();
        }
    }

    /** The message has come to its end. */
    void over(Arriving message) {
        if (arriving == message) {
            arriving = null;
            unwatch();
        }
    }

    // ---------------------------------------------------------------- the time and the room of a message

    /** Something has begun to come and not ended, of which so much is no merit of the time that begins. */
    private void watch(long before) {
        if (unfinished == null && !paused && listens()) {
            unfinished = webSocket.site.begun(this, before);
        }
    }

    /** It has, or the peer is not listened to. */
    private void unwatch() {
        Unfinished present = unfinished;
        if (present != null) {
            unfinished = null;
            webSocket.site.finished(present);
        }
    }

    /** How much of the message has come. */
    long came() {
        Arriving present = arriving;
        return present == null ? 0 : present.came();
    }

    long now() {
        return webSocket.site.manager.nanoTime();
    }

    boolean isEnough(long bytes) {
        return webSocket.site.isEnough(bytes);
    }

    /** The message has not come in its time. */
    void tooSlow() {
        WebSocketOptions options = webSocket.options();
        deaf = true;
        Closer.broken(
                webSocket,
                new WebSocketError(
                        WebSocketRule.MESSAGE_TOO_SLOW,
                        position(),
                        "a message took longer than " + options.messageTimeout() + ", and came with less than "
                                + options.messageRate() + " bytes a second"));
    }

    MessageBudget budget() {
        return webSocket.site.budget;
    }

    /** There is no room for more of the message. */
    void noRoom() {
        Closer.overloaded(webSocket, "no memory for messages under way");
    }

    private long position() {
        FrameDecoder present = decoder;
        return present == null ? position : present.position();
    }

    /** Whether anybody is to be told of what comes. */
    boolean listens() {
        return webSocket.state() == RealWebSocket.State.OPEN;
    }

    /** Whether the handler takes more of the message that is under way. */
    boolean goesOn() {
        return !paused && listens();
    }

    // ---------------------------------------------------------------- control frames

    /** Of several pings that cannot be answered at once the last one is (RFC 6455 §5.5.3). */
    private void control(boolean ping, Bytes payload) {
        if (arriving == null) {
            unwatch();
        }
        if (!ping) {
            webSocket.tell(new WebSocketEvent.Pong(payload, webSocket.site.liveness.roundTrip(webSocket, payload)));
            return;
        }
        owedPong = ControlFrames.tryPong(webSocket, payload) ? null : payload;
        webSocket.tell(new WebSocketEvent.Ping(payload));
    }

    /** There is room again. */
    void drained() {
        sendOwedPong();
    }

    private void sendOwedPong() {
        Bytes owed = owedPong;
        if (owed != null && ControlFrames.tryPong(webSocket, owed)) {
            owedPong = null;
        }
    }

    // ---------------------------------------------------------------- pausing

    void pause(Connection connection) {
        if (!listens()) {
            return; // nothing comes any more but the answer to a goodbye
        }
        paused = true;
        unwatch();
        connection.pauseReading();
        webSocket.site.liveness.unheard(webSocket); // a pong would not be read
    }

    boolean isPaused() {
        return paused;
    }

    void resume(Connection connection) {
        if (!paused) {
            return;
        }
        paused = false;
        connection.resumeReading(); // by which what was left is announced again
        if (listens()) {
            webSocket.site.liveness.heard(webSocket);
        }
        if (arriving != null || (decoder != null && !reading)) {
            watch(came());
        }
        Arriving present = arriving;
        if (!reading && present != null && present.holds()) {
            webSocket.site.manager.schedule(Duration.ZERO, this::finish);
        }
    }

    /** What was decompressed already is told, though nothing comes. */
    void finish() {
        Arriving present = arriving;
        if (!paused && present != null && present.holds()) {
            reading = true;
            try {
                boolean unused = goOn(present);
            } finally {
                reading = false;
            }
        }
    }

    // ---------------------------------------------------------------- the end

    /** What still comes is for nobody; but the peer's close frame is waited for. */
    void end() {
        Arriving cut = arriving;
        arriving = null;
        if (cut != null) {
            cut.giveBack();
        }
        unwatch();
        owedPong = null;
        FrameDecoder present = decoder;
        if (present != null) {
            present.limit(Long.MAX_VALUE);
        }
        Connection below = webSocket.connectionIfAny();
        if (paused && below != null && below.isOpen()) {
            resume(below);
        }
    }
}
