package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.websocket.FrameDecoder;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.ClosedBy;
import dev.meerkat.websocket.Delivery;
import dev.meerkat.websocket.HandshakeError;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.MessageOutput;
import dev.meerkat.websocket.MessageProducer;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketError;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket on its connection: what may be sent now, and where its parts meet. {@link Incoming} is what arrives,
 * {@link OutgoingMessage} what is sent piece by piece, {@link Ending} how it ends, {@link Liveness} whether the peer is
 * still there.
 *
 * <pre>
 *   NEW --- the handshake is done ---&gt; OPEN --- a close frame was sent or has come ---&gt; CLOSING ---&gt; OVER
 * </pre>
 *
 * <p>At rest it holds nothing but itself.
 */
public final class RealWebSocket extends Liveness implements WebSocket, Handler {
    private enum State {
        /** The handshake is under way. */
        NEW,
        /** Messages go both ways. */
        OPEN,
        /** A close frame was sent; {@link Ending} knows what is waited for. */
        CLOSING,
        /** The connection has ended. */
        OVER
    }

    private final Site site;
    private final @Nullable ServedProtocol protocol;
    /** What the handshake has agreed on; a client knows it when it is over. */
    private volatile WebSocketEvent.@Nullable Opened agreement;
    /** A client's handshake, until it is over. */
    private volatile @Nullable ClientOpening opening;
    /** What was wrong with the server's answer. */
    private @Nullable HandshakeError disagreement;

    private final Incoming incoming;
    private volatile State state = State.NEW;
    private volatile @Nullable Connection connection;
    private @Nullable Object session;
    private @Nullable OutgoingMessage outgoing;
    private @Nullable Ending ending;
    /** Where it stands in its {@link Room}, which alone uses it. */
    private int slot;

    RealWebSocket(Site site, @Nullable ServedProtocol protocol, WebSocketEvent.Opened agreement) {
        this.site = site;
        this.protocol = protocol;
        this.agreement = agreement;
        this.incoming = new Incoming(this, protocol == null ? FrameDecoder.Role.CLIENT : FrameDecoder.Role.SERVER);
    }

    /** One of a client. */
    RealWebSocket(Site site) {
        this.site = site;
        this.protocol = null;
        this.incoming = new Incoming(this, FrameDecoder.Role.CLIENT);
    }

    // ---------------------------------------------------------------- a client's handshake

    /** Any thread. */
    void opens(ClientOpening begun) {
        opening = begun;
    }

    /** The server has agreed; the connection is about to be ours. */
    void agreed(WebSocketEvent.Opened opened) {
        agreement = opened;
    }

    /** The server has said yes in a way that nobody can accept. */
    void disagreed(HandshakeError error) {
        disagreement = error;
    }

    /** The server has said no. */
    void refused(WebSocketEvent.Refused refused) {
        if (state == State.NEW) {
            tell(refused);
            neverOpened(Optional.empty());
        }
    }

    /** There will be no WebSocket. */
    void neverOpened(Optional<ConnectionError> error) {
        if (state == State.NEW) {
            state = State.OVER;
            opening = null;
            tell(new WebSocketEvent.Closed(
                    CloseStatus.of(CloseStatus.ABNORMAL),
                    error.isPresent() ? ClosedBy.NETWORK : ClosedBy.PEER,
                    false,
                    Optional.empty(),
                    error));
        }
    }

    /** Any thread. Has something done on the loop thread; not at all if that is over. */
    void inLoop(Runnable task) {
        if (site.manager.inLoop()) {
            task.run();
            return;
        }
        try {
            site.manager.post(task);
        } catch (RejectedExecutionException | ManagerClosedException e) {
            abort();
        }
    }

    // ---------------------------------------------------------------- events of the connection

    @Override
    public void onEvent(Connection from, Event event) throws Exception {
        if (event instanceof TcpEvent.Received received) {
            incoming.read((ReceiveQueue) received.buffer());
        } else if (event instanceof TcpEvent.Opened) {
            open(from);
        } else if (event instanceof TcpEvent.Closed closed) {
            over(closed);
        } else if (event instanceof TcpEvent.InputClosed || event instanceof TcpEvent.Sent) {
            return; // the connection closes by itself; what was sent concerns nobody
        } else {
            other(event);
        }
    }

    private void open(Connection from) {
        connection = from;
        opening = null;
        HandshakeError error = disagreement;
        if (error != null) {
            tell(new WebSocketEvent.HandshakeFailed(error));
            from.abort();
            return;
        }
        state = State.OPEN;
        ServedProtocol served = protocol;
        if (served != null) {
            served.opened(this, from.manager());
            try {
                session = served.newSession(this);
            } catch (Exception e) {
                failed(e);
                return;
            }
        }
        heard();
        tell(Objects.requireNonNull(agreement));
    }

    private void other(Event event) {
        if (state != State.OPEN) {
            return;
        }
        if (event instanceof TcpEvent.Drained) {
            incoming.drained();
            OutgoingMessage present = outgoing;
            if (present != null) {
                present.drained();
            }
        }
        tell(event);
        if (event instanceof TcpEvent.ShuttingDown && state == State.OPEN) {
            end(
                    CloseStatus.of(CloseStatus.GOING_AWAY),
                    ClosedBy.MANAGER,
                    options().closeTimeout(),
                    null);
        }
    }

    /** Calls the handler. If it fails, that is the end of this WebSocket and of nothing else. */
    void tell(Event event) {
        try {
            site.handler.onEvent(this, event);
        } catch (Exception e) {
            failed(e);
        }
    }

    /** The program has failed. */
    void failed(Throwable failure) {
        connection().manager().report(connection(), failure);
        if (state == State.OPEN) {
            end(
                    CloseStatus.of(CloseStatus.INTERNAL_ERROR),
                    ClosedBy.LOCAL,
                    options().closeTimeout(),
                    null);
        }
    }

    // ---------------------------------------------------------------- the end

    /** Sends a close frame, once, and waits for what belongs to it. */
    private void end(CloseStatus status, ClosedBy by, Duration timeout, @Nullable WebSocketError error) {
        Connection below = connection();
        leave();
        endOutgoing();
        state = State.CLOSING;
        Ending now = new Ending(this, status, by, error);
        ending = now;
        try {
            writeClose(below, status);
        } catch (SendLimitException | ConnectionClosedException e) {
            below.abort();
            return;
        }
        now.begin(below, timeout);
    }

    private void writeClose(Connection below, CloseStatus status) {
        int head = FrameEncoder.head(Opcode.CLOSE, true, false);
        byte[] payload = status.code() == CloseStatus.NONE
                ? new byte[0]
                : FrameEncoder.closePayload(status.code(), FrameEncoder.shortened(status.reason()));
        site.writer.write(below, head, ByteBuffer.wrap(payload));
    }

    /** The peer has broken a rule. */
    void broken(WebSocketError error) {
        if (state == State.OPEN) {
            CloseStatus status = new CloseStatus(error.closeCode(), FrameEncoder.shortened(error.message()));
            end(status, ClosedBy.PEER, options().closeTimeout(), error);
        } else {
            connection().abort();
        }
    }

    /** The peer's close frame has come. */
    void closedByPeer(CloseStatus status) {
        if (state == State.OPEN) {
            end(status, ClosedBy.PEER, options().closeTimeout(), null);
        }
        Ending now = ending;
        if (now != null) {
            now.answered(connection());
        }
    }

    /** The peer gives no sign of life. */
    @Override
    void silent() {
        leave();
        endOutgoing();
        state = State.CLOSING;
        ending = new Ending(this, CloseStatus.of(CloseStatus.ABNORMAL), ClosedBy.MANAGER, null);
        connection().abort();
    }

    private void over(TcpEvent.Closed closed) {
        boolean wasOpened = state != State.NEW;
        leave();
        endOutgoing();
        state = State.OVER;
        incoming.release();
        Ending known = ending;
        WebSocketEvent.Closed last =
                known == null ? Ending.withoutGoodbye(closed.reason()) : known.over(closed.reason());
        ending = null;
        ServedProtocol served = protocol;
        if (served != null) {
            if (wasOpened) {
                served.closed(this, site.manager);
            }
            served.dismiss();
        }
        if (wasOpened || served == null) {
            tell(last);
        }
    }

    /** The handshake's answer has never left. */
    void neverOpened() {
        ServedProtocol served = protocol;
        if (served != null && state == State.NEW) {
            state = State.OVER;
            served.dismiss();
        }
    }

    // ---------------------------------------------------------------- signs of life

    @Override
    Site site() {
        return site;
    }

    @Override
    void sendPing(Bytes payload) {
        write(FrameEncoder.head(Opcode.PING, true, false), payload);
    }

    /** The answer to a ping. */
    void sendPong(Bytes payload) {
        write(FrameEncoder.head(Opcode.PONG, true, false), payload);
    }

    private void write(int head, Bytes payload) {
        Connection below = requireOpen();
        requireRoom(below, payload.length());
        site.writer.write(below, head, payload);
    }

    // ---------------------------------------------------------------- sending

    /** Loop thread; what every sending begins with. */
    private Connection requireOpen() {
        Connection below = connection;
        if (state == State.NEW || below == null) {
            throw new IllegalStateException(this + ": nothing can be sent before Opened");
        }
        if (state != State.OPEN) {
            throw new ConnectionClosedException(this + ": cannot send, it is closing or closed");
        }
        return below;
    }

    private void requireRoom(Connection below, int payload) {
        if (!hasRoom(below, payload)) {
            throw new SendLimitException(this + ": cannot send a message of " + payload + " bytes, " + pendingBytes()
                    + " of at most " + below.options().sendLimit() + " are waiting already");
        }
    }

    private boolean hasRoom(Connection below, int payload) {
        return site.writer.frameLength(payload) <= below.options().sendLimit() - pendingBytes();
    }

    @Override
    public WebSocket send(CharSequence text) {
        return sendMessage(true, Bytes.utf8(text));
    }

    @Override
    public WebSocket send(Bytes bytes) {
        return sendMessage(false, Objects.requireNonNull(bytes, "bytes"));
    }

    private WebSocket sendMessage(boolean text, Bytes payload) {
        if (!site.manager.inLoop()) {
            sendFromElsewhere(new SharedMessage(text, payload));
            return this;
        }
        Connection below = requireOpen();
        requireRoom(below, payload.length());
        OutgoingMessage present = outgoing;
        if (present != null) {
            present.waitBehind(new SharedMessage(text, payload));
        } else {
            site.writer.write(below, FrameWriter.head(text), payload);
        }
        return this;
    }

    @Override
    public WebSocket send(Message message) {
        SharedMessage shared = (SharedMessage) Objects.requireNonNull(message, "message");
        if (!site.manager.inLoop()) {
            sendFromElsewhere(shared);
            return this;
        }
        Connection below = requireOpen();
        requireRoom(below, shared.bytes().length());
        sendHere(below, shared);
        return this;
    }

    private void sendHere(Connection below, SharedMessage message) {
        OutgoingMessage present = outgoing;
        if (present != null) {
            present.waitBehind(message);
        } else if (protocol == null) {
            site.writer.write(below, FrameWriter.head(message.isText()), message.bytes());
        } else {
            below.send(message.frame());
        }
    }

    /** For distributions: false if there is no room. */
    boolean sendIfRoom(SharedMessage message) {
        Connection below = requireOpen();
        if (!hasRoom(below, message.bytes().length())) {
            return false;
        }
        sendHere(below, message);
        return true;
    }

    /** Any thread but the loop's. */
    private void sendFromElsewhere(SharedMessage message) {
        if (state != State.OPEN) {
            requireOpen();
        }
        try {
            site.manager.post(() -> arrive(message));
        } catch (RejectedExecutionException e) {
            throw new SendLimitException(this + ": cannot send from another thread: " + e.getMessage());
        } catch (ManagerClosedException e) {
            throw new ConnectionClosedException(this + ": cannot send, " + e.getMessage());
        }
    }

    private void arrive(SharedMessage message) {
        if (state == State.OPEN && !sendIfRoom(message)) {
            end(Distribution.TOO_SLOW, ClosedBy.MANAGER, options().closeTimeout(), null);
        }
    }

    @Override
    public WebSocket sendText(ReceiveBuffer utf8) {
        return relay(true, utf8);
    }

    @Override
    public WebSocket sendBinary(ReceiveBuffer bytes) {
        return relay(false, bytes);
    }

    private WebSocket relay(boolean text, ReceiveBuffer source) {
        checkThread("WebSocket.send");
        Connection below = requireOpen();
        requireRoom(below, source.size());
        if (outgoing != null) {
            outgoing.waitBehind(new SharedMessage(text, source.take()));
            return this;
        }
        ByteBuffer raw = source instanceof ReceiveQueue queue ? queue.raw() : source.view();
        site.writer.write(below, FrameWriter.head(text), source, raw);
        return this;
    }

    @Override
    public MessageOutput startMessage(boolean text) {
        return start(text, null);
    }

    @Override
    public void send(boolean text, MessageProducer producer) {
        start(text, Objects.requireNonNull(producer, "producer")).drained();
    }

    private OutgoingMessage start(boolean text, @Nullable MessageProducer producer) {
        checkThread("WebSocket.startMessage");
        requireOpen();
        if (outgoing != null) {
            throw new IllegalStateException(this + ": another message is being sent piece by piece");
        }
        OutgoingMessage started = new OutgoingMessage(this, text, producer);
        outgoing = started;
        return started;
    }

    /** A piece of a message that is sent piece by piece. */
    void sendPiece(int head, Bytes piece) {
        write(head, piece);
    }

    /** That message has ended; those that have waited go. */
    void outgoingEnded(Iterable<SharedMessage> waiting) {
        outgoing = null;
        Connection below = connection();
        for (SharedMessage message : waiting) {
            sendHere(below, message);
        }
    }

    private void endOutgoing() {
        OutgoingMessage present = outgoing;
        outgoing = null;
        if (present != null) {
            present.cut();
        }
    }

    @Override
    public void ping() {
        checkThread("WebSocket.ping");
        requireOpen();
        askForSign();
    }

    @Override
    public void ping(Bytes payload) {
        checkThread("WebSocket.ping");
        requireControl(payload);
        requireOpen();
        ask(payload);
    }

    @Override
    public void pong(Bytes payload) {
        checkThread("WebSocket.pong");
        requireControl(payload);
        sendPong(payload);
    }

    private static void requireControl(Bytes payload) {
        if (payload.length() > FrameEncoder.MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException("the payload of a ping or pong has at most "
                    + FrameEncoder.MAX_CONTROL_BYTES + " bytes (RFC 6455 5.5): " + payload.length());
        }
    }

    // ---------------------------------------------------------------- closing

    @Override
    public void close(CloseStatus status) {
        close(status, options().closeTimeout());
    }

    @Override
    public void close(CloseStatus status, Duration timeout) {
        if (!CloseStatus.isSendable(status.code())) {
            throw new IllegalArgumentException("a close frame cannot contain the code " + status.code());
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive: " + timeout);
        }
        if (site.manager.inLoop()) {
            closeHere(status, timeout);
            return;
        }
        try {
            site.manager.post(() -> closeHere(status, timeout));
        } catch (RejectedExecutionException full) {
            abort();
        } catch (ManagerClosedException closed) {
            // and so is this
        }
    }

    private void closeHere(CloseStatus status, Duration timeout) {
        if (state == State.NEW) {
            abort();
        } else if (state == State.OPEN) {
            end(status, ClosedBy.LOCAL, timeout, null);
        }
    }

    @Override
    public void abort() {
        Connection below = connection;
        ClientOpening under = opening;
        if (below != null) {
            below.abort();
        } else if (under != null) {
            under.cancel();
        }
    }

    // ---------------------------------------------------------------- what it is

    private void checkThread(String what) {
        if (!site.manager.inLoop()) {
            throw new WrongThreadException(what + " belongs to the loop thread of " + site.manager);
        }
    }

    @Override
    public long id() {
        Connection below = connection;
        return below == null ? 0 : below.id();
    }

    @Override
    public Connection connection() {
        Connection below = connection;
        if (below == null) {
            throw new IllegalStateException("the WebSocket has no connection yet");
        }
        return below;
    }

    EventManager manager() {
        return site.manager;
    }

    @Override
    public Optional<WebSocketProtocol> protocol() {
        return Optional.ofNullable(protocol);
    }

    @Override
    public Optional<String> subprotocol() {
        WebSocketEvent.Opened known = agreement;
        return known == null ? Optional.empty() : known.subprotocol();
    }

    @Override
    public <S> S session(Class<S> type) {
        Object present = session;
        if (present == null) {
            throw new IllegalStateException(this + " has no session");
        }
        return type.cast(present);
    }

    @Override
    public void session(@Nullable Object value) {
        checkThread("WebSocket.session");
        session = value;
    }

    @Override
    public boolean isOpen() {
        return state == State.OPEN;
    }

    @Override
    public int pendingBytes() {
        OutgoingMessage present = outgoing;
        return connection().pendingBytes() + (present == null ? 0 : present.waitingBytes());
    }

    @Override
    public boolean isWritable() {
        return state == State.OPEN && connection().isWritable();
    }

    @Override
    public void requestWritable() {
        requireOpen().requestWritable();
    }

    void requestWritableIfOpen() {
        if (state == State.OPEN) {
            connection().requestWritable();
        }
    }

    @Override
    public void pauseReading() {
        checkThread("WebSocket.pauseReading");
        incoming.pause(connection());
    }

    @Override
    public void resumeReading() {
        checkThread("WebSocket.resumeReading");
        incoming.resume(connection());
    }

    @Override
    public void delivery(Delivery delivery) {
        checkThread("WebSocket.delivery");
        incoming.delivery(Objects.requireNonNull(delivery, "delivery"));
    }

    @Override
    public WebSocketOptions options() {
        return site.options;
    }

    int slot() {
        return slot;
    }

    void slot(int value) {
        slot = value;
    }

    @Override
    public String toString() {
        return "WebSocket " + id() + (protocol == null ? "" : " of " + protocol) + " (" + state + ")";
    }
}
