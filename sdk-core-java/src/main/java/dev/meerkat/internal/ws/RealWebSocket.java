package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Delivery;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.MessageOutput;
import dev.meerkat.websocket.MessageProducer;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket on its connection: where its parts meet. {@link Incoming} is what arrives, {@link Sender} what leaves,
 * {@link Closer} how it ends, {@link Liveness} whether the peer is still there.
 *
 * <pre>
 *   NEW --- the handshake is done ---&gt; OPEN --- a close frame was sent or has come ---&gt; CLOSING ---&gt; OVER
 * </pre>
 *
 * <p>At rest it holds nothing but itself.
 */
public final class RealWebSocket extends Closer implements WebSocket, Handler {
    private final WebSocketHandler handler;
    /** What the handshake has agreed on; a client knows it when it is over. */
    private volatile WebSocketEvent.@Nullable Opened agreement;
    /** Of a client: who has asked for it. */
    private final @Nullable ClientOpening asked;

    private final Incoming incoming = new Incoming(this);
    private @Nullable Object session;
    /** Where it stands in its {@link Room}, which alone uses it. */
    private int slot;

    /** One of a server. */
    RealWebSocket(Site site, ServedProtocol protocol, WebSocketEvent.Opened agreement, @Nullable Compression packing) {
        super(site, protocol);
        this.handler = protocol.handler();
        this.asked = null;
        this.agreement = agreement;
        this.compression = packing;
        site.join();
    }

    /** What the handshake has found out about the peer. */
    void begin(@Nullable Object known) {
        session = known;
    }

    /** One of a client, which joins the site when its handshake begins. */
    RealWebSocket(Site site, WebSocketHandler handler, ClientOpening asked) {
        super(site, null);
        this.handler = handler;
        this.asked = asked;
    }

    // ---------------------------------------------------------------- a client's handshake

    /** The server has agreed; the connection is about to be ours. */
    void agreed(WebSocketEvent.Opened opened, @Nullable Compression packing) {
        agreement = opened;
        compression = packing;
    }

    /** There will be no WebSocket. */
    void neverOpened(@Nullable Event why, WebSocketEvent.Closed last) {
        if (state == State.NEW) {
            state = State.OVER;
            endSending();
            boolean unused = site.part();
            if (why != null) {
                tell(why);
            }
            tell(last);
        }
    }

    // ---------------------------------------------------------------- events of the connection

    @Override
    public void onEvent(Connection from, Event event) {
        if (event instanceof TcpEvent.Received received) {
            incoming.read((ReceiveQueue) received.buffer());
        } else if (event instanceof TcpEvent.Opened) {
            open(from);
        } else if (event instanceof TcpEvent.Closed closed) {
            if (from == connection) { // else of one that it has refused to be opened on
                over(closed);
            }
        } else if (event instanceof TcpEvent.InputClosed) {
            incoming.finish();
            inputOver(from);
        } else if (!(event instanceof TcpEvent.Sent) && state == State.OPEN) {
            other(event);
        }
    }

    @Override
    public void onReplaced(Connection from) {
        if (from == connection) {
            takenAway();
        }
    }

    private void open(Connection from) {
        if (state != State.NEW) {
            from.abort(); // the answer that brings it was given before, to somebody else
            return;
        }
        becomeOpen(from);
        incoming.begin(from);
        becomeLively();
        ServedProtocol served = protocol;
        if (served != null) {
            served.opened(this);
            try {
                if (session == null) {
                    session = served.newSession(this);
                }
            } catch (Throwable e) {
                failed(e);
                return;
            }
        }
        tell(Objects.requireNonNull(agreement));
    }

    private void other(Event event) {
        if (event instanceof TcpEvent.Drained) {
            incoming.drained();
            drained();
            if (state != State.OPEN) {
                return;
            }
        }
        tell(event);
        if (event instanceof TcpEvent.ShuttingDown) {
            shuttingDown();
        }
    }

    @Override
    void tell(Event event) {
        try {
            handler.onEvent(this, event);
        } catch (Throwable e) {
            failed(e);
        }
    }

    @Override
    void endReading() {
        incoming.end();
    }

    // ---------------------------------------------------------------- sending

    @Override
    public WebSocket send(CharSequence text) {
        sendMessage(true, Bytes.utf8(Objects.requireNonNull(text, "text")));
        return this;
    }

    @Override
    public WebSocket send(Bytes bytes) {
        sendMessage(false, Objects.requireNonNull(bytes, "bytes"));
        return this;
    }

    @Override
    public WebSocket send(Message message) {
        sendShared((SharedMessage) Objects.requireNonNull(message, "message"));
        return this;
    }

    @Override
    public WebSocket sendText(ReceiveBuffer utf8) {
        relay(true, utf8);
        return this;
    }

    @Override
    public WebSocket sendBinary(ReceiveBuffer bytes) {
        relay(false, bytes);
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

    @Override
    public void ping() {
        checkThread("WebSocket.ping");
        sendControl(Opcode.PING, nextPing());
    }

    @Override
    public void ping(Bytes payload) {
        checkThread("WebSocket.ping");
        sendControl(Opcode.PING, payload);
    }

    @Override
    public void pong(Bytes payload) {
        checkThread("WebSocket.pong");
        sendControl(Opcode.PONG, payload);
    }

    @Override
    public void requestWritable() {
        requireOpen().requestWritable();
    }

    void requestWritableIfOpen() {
        if (isOpen()) {
            connection().requestWritable();
        }
    }

    // ---------------------------------------------------------------- closing

    @Override
    public void close(CloseStatus status) {
        closeWith(status, options().closeTimeout());
    }

    @Override
    public void close(CloseStatus status, Duration timeout) {
        closeWith(status, timeout);
    }

    @Override
    public void abort() {
        Connection below = connection;
        ClientOpening under = asked;
        if (below != null) {
            below.abort();
        } else if (under != null) {
            under.cancel();
        }
    }

    // ---------------------------------------------------------------- what it is

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
        return Optional.ofNullable(protocol);
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
