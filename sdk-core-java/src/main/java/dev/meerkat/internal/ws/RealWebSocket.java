package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.http.QuietList;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Delivery;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.MessageOutput;
import dev.meerkat.websocket.MessageProducer;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket on its connection: what it is, and where its parts meet. {@link Incoming} is what arrives,
 * {@link Sender} what leaves; {@link Liveness}, one for a whole site, sees whether the peer is still there, and
 * {@link Closer} ends it.
 *
 * <pre>
 *   NEW --- the handshake is done ---&gt; OPEN --- a close frame was sent or has come ---&gt; CLOSING ---&gt; OVER
 * </pre>
 *
 * <p>At rest it holds nothing but itself and those two parts. It is a member of a list, and remembers what others keep
 * of it, so that there are no objects for that.
 */
public final class RealWebSocket extends QuietList.Member implements WebSocket, Handler {
    enum State {
        /** The handshake is under way. */
        NEW,
        /** Messages go both ways. */
        OPEN,
        /** It ends; {@link Ending} knows what is waited for. */
        CLOSING,
        /** The connection has ended. */
        OVER
    }

    final Site site;
    final Sender sender;
    final Incoming incoming;
    private final Origin origin;
    /** What the handshake has agreed on; a client knows it when it is over. */
    private volatile WebSocketEvent.@Nullable Opened agreement;

    private volatile @Nullable Connection connection;
    private volatile State state = State.NEW;
    /** From the first close frame on. */
    private @Nullable Ending ending;

    private @Nullable Object session;

    /** {@link Liveness}'s: while it is open, if there is a time-out for it. */
    Liveness.@Nullable Idleness idleness;
    /** {@link Liveness}'s: those that are not answered. */
    @Nullable
    Pings pings;
    /** {@link Liveness}'s: when it was asked something else was still on its way to the peer. */
    boolean askedBehind;
    /** {@link Sender}'s: frames leave as others get them, uncompressed and between no pieces. */
    boolean takesShared = true;
    /** {@link Room}'s: where it stands. */
    int slot;

    /** One of a server. */
    RealWebSocket(Site site, ServedProtocol protocol, WebSocketEvent.Opened agreement, @Nullable Compression packing) {
        this(site, protocol);
        this.agreement = agreement;
        sender.compress(packing);
        site.join();
    }

    /** One of a client, which joins the site when its handshake begins. */
    RealWebSocket(Site site, Origin origin) {
        this.site = site;
        this.origin = origin;
        this.sender = new Sender(this);
        this.incoming = new Incoming(this);
    }

    // ---------------------------------------------------------------- the handshake

    /** What the handshake has found out about the peer. */
    void begin(@Nullable Object known) {
        session = known;
    }

    void beginSession(ServedProtocol served) {
        if (session == null) {
            session = served.newSession(this);
        }
    }

    /** The server has agreed; the connection is about to be ours. */
    void agreed(WebSocketEvent.Opened opened, @Nullable Compression packing) {
        agreement = opened;
        sender.compress(packing);
    }

    WebSocketEvent.Opened agreement() {
        return Objects.requireNonNull(agreement);
    }

    void opened(Connection from) {
        connection = from;
        state = State.OPEN;
    }

    // ---------------------------------------------------------------- what state it is in

    State state() {
        return state;
    }

    @Nullable
    Ending ending() {
        return ending;
    }

    /** The connection of an open WebSocket that is open itself; else null. Any thread. */
    @Nullable
    Connection openConnection() {
        Connection below = connection;
        return state == State.OPEN && below != null && below.isOpen() ? below : null;
    }

    @Nullable
    Connection connectionIfAny() {
        return connection;
    }

    /** From now on nothing is sent any more but a close frame, and nobody is waited for but by the ending. */
    void closing(@Nullable Ending how) {
        state = State.CLOSING;
        ending = how;
        site.liveness.leave(this);
        sender.end();
    }

    void over() {
        state = State.OVER;
        ending = null;
        site.liveness.leave(this);
        sender.end();
        incoming.end();
    }

    /** Of a server: its protocol. */
    @Nullable
    ServedProtocol served() {
        return origin.served();
    }

    void checkThread(String what) {
        if (!site.manager.inLoop()) {
            throw new WrongThreadException(what + " belongs to the loop thread of " + site.manager);
        }
    }

    // ---------------------------------------------------------------- what the parts say

    @Override
    protected void quietFor(QuietList left) {
        site.liveness.quietFor(this, left);
    }

    void quietSince(long now) {
        quietSince = now;
    }

    /** A message, or a part of one, has come or was sent. */
    void messageMoved() {
        if (idleness != null) {
            site.liveness.messageMoved(this);
        }
    }

    /** Whether something waits that the operating system has not taken. */
    boolean isSending() {
        Connection below = connection;
        return below != null && below.pendingBytes() > 0;
    }

    void tell(Event event) {
        try {
            origin.handler().onEvent(this, event);
        } catch (Throwable e) {
            Closer.failed(this, e);
        }
    }

    // ---------------------------------------------------------------- events of the connection

    @Override
    public void onEvent(Connection from, Event event) {
        if (event instanceof TcpEvent.Received received) {
            incoming.read((ReceiveQueue) received.buffer());
        } else if (event instanceof TcpEvent.Opened) {
            Opener.open(this, from);
        } else if (event instanceof TcpEvent.Closed closed) {
            if (from == connection) { // else of one that it has refused to be opened on
                Closer.over(this, closed);
            }
        } else if (event instanceof TcpEvent.InputClosed) {
            incoming.finish();
            Closer.inputOver(from);
        } else if (!(event instanceof TcpEvent.Sent) && state == State.OPEN) {
            other(event);
        }
    }

    @Override
    public void onReplaced(Connection from) {
        if (from == connection) {
            Closer.takenAway(this);
        }
    }

    private void other(Event event) {
        if (event instanceof TcpEvent.Drained) {
            incoming.drained();
            sender.drained();
            if (state != State.OPEN) {
                return;
            }
        }
        tell(event);
        if (event instanceof TcpEvent.ShuttingDown) {
            Closer.shuttingDown(this);
        }
    }

    // ---------------------------------------------------------------- sending

    @Override
    public WebSocket send(CharSequence text) {
        sender.send(true, Bytes.utf8(Objects.requireNonNull(text, "text")));
        return this;
    }

    @Override
    public WebSocket send(Bytes bytes) {
        sender.send(false, Objects.requireNonNull(bytes, "bytes"));
        return this;
    }

    @Override
    public WebSocket send(Message message) {
        sender.send((SharedMessage) Objects.requireNonNull(message, "message"));
        return this;
    }

    @Override
    public WebSocket sendText(ReceiveBuffer utf8) {
        sender.relay(true, utf8);
        return this;
    }

    @Override
    public WebSocket sendBinary(ReceiveBuffer bytes) {
        sender.relay(false, bytes);
        return this;
    }

    @Override
    public MessageOutput startMessage(boolean text) {
        return sender.start(text, null);
    }

    @Override
    public void send(boolean text, MessageProducer producer) {
        sender.start(text, Objects.requireNonNull(producer, "producer")).drained();
    }

    @Override
    public void ping() {
        checkThread("WebSocket.ping");
        ControlFrames.send(this, Opcode.PING, site.liveness.nextPing());
    }

    @Override
    public void ping(Bytes payload) {
        checkThread("WebSocket.ping");
        ControlFrames.send(this, Opcode.PING, payload);
    }

    @Override
    public void pong(Bytes payload) {
        checkThread("WebSocket.pong");
        ControlFrames.send(this, Opcode.PONG, payload);
    }

    @Override
    public void requestWritable() {
        sender.requireOpen().requestWritable();
    }

    // ---------------------------------------------------------------- closing

    @Override
    public void close(CloseStatus status) {
        Closer.close(this, status, options().closeTimeout());
    }

    @Override
    public void close(CloseStatus status, Duration timeout) {
        Closer.close(this, status, timeout);
    }

    @Override
    public void abort() {
        Connection below = connection;
        if (below != null) {
            below.abort();
        } else {
            origin.cancel();
        }
    }

    // ---------------------------------------------------------------- what it is

    @Override
    public boolean isOpen() {
        return openConnection() != null;
    }

    @Override
    public boolean isWritable() {
        Connection below = connection;
        return state == State.OPEN && below != null && below.isWritable();
    }

    @Override
    public int pendingBytes() {
        return sender.pendingBytes();
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

    @Override
    public Optional<WebSocketProtocol> protocol() {
        return Optional.ofNullable(served());
    }

    @Override
    public Optional<String> subprotocol() {
        WebSocketEvent.Opened known = agreement;
        return known == null ? Optional.empty() : known.subprotocol();
    }

    @Override
    public <S> S session(Class<S> type) {
        checkThread("WebSocket.session");
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

    @Override
    public String toString() {
        return "WebSocket " + id() + (served() == null ? "" : " of " + served()) + " (" + state + ")";
    }
}
