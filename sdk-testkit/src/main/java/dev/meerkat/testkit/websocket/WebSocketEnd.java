package dev.meerkat.testkit.websocket;

import dev.meerkat.event.Bytes;
import dev.meerkat.testkit.SimHost;
import dev.meerkat.testkit.StreamEnd;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * An end of a WebSocket in the hands of a test, client or server: it says frames, right and wrong ones, and says what
 * it expects. It was written by hand, apart from the code that programs use, and does nothing by itself: a ping is
 * answered and a goodbye returned when the test does it.
 *
 * <pre>{@code
 * SocketPair pair = SocketPair.stream(clock, handler);
 * WebSocketEnd chat = WebSocketEnd.client(pair, "/chat", "Sec-WebSocket-Protocol: chat");
 * chat.sendText("hello").expectText("hello");
 * chat.sendAsIs(WireFrame.text("not masked")).expectClose(1002).sendClose(1002).expectEnd();
 * }</pre>
 *
 * <p>What is expected is waited for as a {@link StreamEnd} does, in virtual time; every frame that comes has to be
 * masked by a client and by nobody else. A message may come in any number of frames; a control frame must be expected
 * where it comes. Bytes that are no frames go through {@link #stream()}.
 */
public final class WebSocketEnd implements AutoCloseable {
    private static final int FIRST_KEY = 0x9E3779B9;
    private static final int KEY_STEP = 0x01234567;
    private static final int HTTP_PORT = 80;

    private final StreamEnd stream;
    private final boolean client;
    private final OpeningHead head;
    private final FrameReader reader;
    private int key = FIRST_KEY;

    private WebSocketEnd(StreamEnd stream, boolean client, OpeningHead head) {
        this.stream = stream;
        this.client = client;
        this.head = head;
        this.reader = new FrameReader(stream);
    }

    // ---- the handshake

    /**
     * Connects from a host of a world, and does the handshake of a client.
     *
     * @param host where the client is
     * @param uri {@code ws://host:port/path}, where the host is one of the world and the port 80 if none is named
     * @param fields further lines of the request, for instance {@code Origin: https://example.com}
     * @return an open end
     * @throws AssertionError if it cannot be connected, or the answer is not what it must be
     * @throws IllegalArgumentException if the scheme is not ws, or there is no host
     */
    public static WebSocketEnd connect(SimHost host, String uri, String... fields) {
        URI parsed = URI.create(uri);
        if (!"ws".equalsIgnoreCase(parsed.getScheme()) || parsed.getHost() == null) {
            throw new IllegalArgumentException("a URI must be ws://host/path: " + uri);
        }
        int port = parsed.getPort() < 0 ? HTTP_PORT : parsed.getPort();
        String path = parsed.getRawPath().isEmpty() ? "/" : parsed.getRawPath();
        String target = parsed.getRawQuery() == null ? path : path + "?" + parsed.getRawQuery();
        return client(host.stream(parsed.getHost(), port), parsed.getRawAuthority(), target, fields);
    }

    /**
     * Does the handshake of a client.
     *
     * @param stream connected to a server, nothing being said yet
     * @param target path and query, for instance {@code /chat}
     * @param fields further lines of the request, for instance {@code Sec-WebSocket-Protocol: chat}
     * @return an open end
     * @throws AssertionError if the answer is not what it must be
     */
    public static WebSocketEnd client(StreamEnd stream, String target, String... fields) {
        return client(stream, "test", target, fields);
    }

    private static WebSocketEnd client(StreamEnd stream, String authority, String target, String... fields) {
        stream.send(OpeningHead.request(authority, target, fields));
        return new WebSocketEnd(stream, true, OpeningHead.readAnswer(stream));
    }

    /**
     * Does the handshake of a server: reads the request and answers 101.
     *
     * @param stream connected to a client
     * @param fields further lines of the answer, for instance {@code Sec-WebSocket-Protocol: chat}
     * @return an open end
     * @throws AssertionError if the request is not what it must be
     */
    public static WebSocketEnd server(StreamEnd stream, String... fields) {
        OpeningHead request = OpeningHead.readRequest(stream);
        stream.send(request.answer(fields));
        return new WebSocketEnd(stream, false, request);
    }

    /**
     * Takes over a client's end whose handshake the test has done itself, and done as it liked.
     *
     * @param stream where frames are next
     * @return an end that masks what it sends
     */
    public static WebSocketEnd openedClient(StreamEnd stream) {
        return new WebSocketEnd(stream, true, OpeningHead.NONE);
    }

    /**
     * Takes over a server's end whose handshake the test has done itself, and done as it liked.
     *
     * @param stream where frames are next
     * @return an end that masks nothing
     */
    public static WebSocketEnd openedServer(StreamEnd stream) {
        return new WebSocketEnd(stream, false, OpeningHead.NONE);
    }

    /**
     * The first line of what the peer has said: the request line, or the status line.
     *
     * @return the line; empty if the test has done the handshake itself
     */
    public String startLine() {
        return head.startLine();
    }

    /**
     * A field of what the peer has said in the handshake.
     *
     * @param name in any case
     * @return its value; empty if there is none; of several they are joined by commas
     */
    public String field(String name) {
        return head.fields().getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    // ---- saying

    /**
     * Sends frames in one write, masked if this is a client, and else not, whatever they say of it.
     *
     * @param frames in this order
     * @return this end
     */
    public WebSocketEnd send(WireFrame... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (WireFrame frame : frames) {
            all.writeBytes(asDue(frame).bytes());
        }
        stream.send(all.toByteArray());
        return this;
    }

    /**
     * Sends frames in one write exactly as they are: masked by a server, or not masked by a client.
     *
     * @param frames in this order
     * @return this end
     */
    public WebSocketEnd sendAsIs(WireFrame... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (WireFrame frame : frames) {
            all.writeBytes(frame.bytes());
        }
        stream.send(all.toByteArray());
        return this;
    }

    /**
     * Sends the beginning of a frame, and leaves it at that.
     *
     * @param frame masked if this is a client
     * @param count how many bytes of it, head and key included
     * @return this end
     */
    public WebSocketEnd sendBeginning(WireFrame frame, int count) {
        byte[] whole = asDue(frame).bytes();
        if (count < 0 || count > whole.length) {
            throw new IllegalArgumentException("count must be 0 to " + whole.length + ": " + count);
        }
        stream.send(Arrays.copyOf(whole, count));
        return this;
    }

    private WireFrame asDue(WireFrame frame) {
        if (client) {
            key += KEY_STEP;
            return frame.masked(key);
        }
        return new WireFrame(
                frame.fin(),
                frame.reserved(),
                frame.opcode(),
                OptionalInt.empty(),
                frame.lengthBytes(),
                frame.length(),
                frame.payload());
    }

    /**
     * Sends a text in one frame.
     *
     * @param text the message
     * @return this end
     */
    public WebSocketEnd sendText(String text) {
        return send(WireFrame.text(text));
    }

    /**
     * Sends a binary message in one frame.
     *
     * @param bytes the message
     * @return this end
     */
    public WebSocketEnd sendBinary(byte... bytes) {
        return send(WireFrame.binary(bytes));
    }

    /**
     * Sends a ping.
     *
     * @param payload its payload
     * @return this end
     */
    public WebSocketEnd sendPing(String payload) {
        return send(WireFrame.ping(payload));
    }

    /**
     * Sends a pong.
     *
     * @param payload its payload
     * @return this end
     */
    public WebSocketEnd sendPong(String payload) {
        return send(WireFrame.pong(payload));
    }

    /**
     * Says goodbye, or answers it. The connection stays: who closes it first is the server (RFC 6455 §7.1.1).
     *
     * @param code any, also one that must not be sent
     * @return this end
     */
    public WebSocketEnd sendClose(int code) {
        return send(WireFrame.close(code));
    }

    /**
     * Says goodbye with a reason.
     *
     * @param code any, also one that must not be sent
     * @param reason for people
     * @return this end
     */
    public WebSocketEnd sendClose(int code, String reason) {
        return send(WireFrame.close(code, reason));
    }

    // ---- expecting

    /**
     * Sets how long the expectations that follow may take; 60 s if nothing is said.
     *
     * @param limit in virtual time
     * @return this end
     */
    public WebSocketEnd within(Duration limit) {
        stream.within(limit);
        return this;
    }

    /**
     * Takes the next frame, whatever it is.
     *
     * @return the frame, its payload unmasked
     * @throws AssertionError if none comes whole, or one comes masked by a server or not masked by a client
     */
    public WireFrame receive() {
        return receive("a frame");
    }

    private WireFrame receive(String expected) {
        WireFrame frame;
        try {
            frame = reader.next();
        } catch (AssertionError e) {
            AssertionError error =
                    new AssertionError("expected " + expected + ", but no whole frame came: " + e.getMessage());
            error.initCause(e);
            throw error;
        }
        if (frame.mask().isPresent() == client) {
            throw failure(expected, frame + (client ? " came, masked by a server" : " came, not masked by a client"));
        }
        return frame;
    }

    /**
     * Waits for a frame, and compares opcode, FIN, reserved bits and payload.
     *
     * @param frame what is expected
     * @return this end
     * @throws AssertionError if another one comes, or none
     */
    public WebSocketEnd expect(WireFrame frame) {
        WireFrame found = receive(frame.toString());
        if (found.fin() != frame.fin()
                || found.reserved() != frame.reserved()
                || found.opcode() != frame.opcode()
                || !found.payload().equals(frame.payload())) {
            throw failure(frame.toString(), found + " came");
        }
        return this;
    }

    /**
     * Waits for a text, in one frame or several.
     *
     * @param text what is expected
     * @return this end
     * @throws AssertionError if something else comes, or nothing
     */
    public WebSocketEnd expectText(String text) {
        Objects.requireNonNull(text, "text");
        return expectMessage(WireFrame.text(text));
    }

    /**
     * Waits for a binary message, in one frame or several.
     *
     * @param bytes what is expected
     * @return this end
     * @throws AssertionError if something else comes, or nothing
     */
    public WebSocketEnd expectBinary(byte... bytes) {
        return expectMessage(WireFrame.binary(bytes));
    }

    private WebSocketEnd expectMessage(WireFrame expected) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        int opcode = expected.opcode();
        WireFrame frame;
        do {
            frame = receive(expected.toString());
            if (frame.opcode() != opcode || frame.reserved() != 0) {
                String after = whole.size() == 0 ? "" : ", after " + whole.size() + " bytes of it";
                throw failure(expected.toString(), frame + " came" + after);
            }
            whole.writeBytes(frame.payload().toByteArray());
            opcode = WireFrame.CONTINUATION;
        } while (!frame.fin());
        if (!Bytes.copyOf(whole.toByteArray()).equals(expected.payload())) {
            throw failure(expected.toString(), WireFrame.of(expected.opcode(), whole.toByteArray()) + " came");
        }
        return this;
    }

    /**
     * Waits for a ping.
     *
     * @param payload what is expected in it
     * @return this end
     * @throws AssertionError if something else comes, or nothing
     */
    public WebSocketEnd expectPing(String payload) {
        return expect(WireFrame.ping(payload));
    }

    /**
     * Waits for a pong.
     *
     * @param payload what is expected in it
     * @return this end
     * @throws AssertionError if something else comes, or nothing
     */
    public WebSocketEnd expectPong(String payload) {
        return expect(WireFrame.pong(payload));
    }

    /**
     * Waits for a goodbye, with any reason.
     *
     * @param code what is expected; 1005 for a close frame without a code
     * @return this end
     * @throws AssertionError if something else comes, or nothing
     */
    public WebSocketEnd expectClose(int code) {
        String expected = "a close frame with " + code;
        WireFrame frame = receive(expected);
        if (frame.opcode() != WireFrame.CLOSE || !frame.fin() || frame.reserved() != 0 || frame.closeCode() != code) {
            throw failure(expected, frame + " came");
        }
        return this;
    }

    /**
     * Waits for a goodbye.
     *
     * @param code what is expected
     * @param reason what is expected
     * @return this end
     * @throws AssertionError if something else comes, or nothing
     */
    public WebSocketEnd expectClose(int code, String reason) {
        return expect(WireFrame.close(code, reason));
    }

    /**
     * Lets everything happen that is due at this instant, and fails if something has arrived here.
     *
     * @return this end
     * @throws AssertionError if bytes, the end of input or a reset have arrived
     */
    public WebSocketEnd expectNothing() {
        stream.expectNothing();
        return this;
    }

    /**
     * Lets a span of time pass, its end included, and fails if something arrives here.
     *
     * @param span how long
     * @return this end
     * @throws AssertionError if bytes, the end of input or a reset arrive
     */
    public WebSocketEnd expectNothingFor(Duration span) {
        stream.expectNothingFor(span);
        return this;
    }

    /**
     * Lets everything happen that is due until an instant, that instant included, and fails if something arrives here.
     *
     * @param elapsed the instant, as the time since the clock or the world began; not in the past
     * @return this end
     * @throws AssertionError if bytes, the end of input or a reset arrive
     */
    public WebSocketEnd expectNothingUntil(Duration elapsed) {
        stream.expectNothingUntil(elapsed);
        return this;
    }

    /**
     * Waits for the end of the connection.
     *
     * @return this end
     * @throws AssertionError if a frame or a reset come first, or nothing comes
     */
    public WebSocketEnd expectEnd() {
        stream.expectEnd();
        return this;
    }

    /**
     * Waits for a reset by the peer.
     *
     * @return this end
     * @throws AssertionError if a frame or the end come first, or nothing comes
     */
    public WebSocketEnd expectReset() {
        stream.expectReset();
        return this;
    }

    private AssertionError failure(String expected, String found) {
        return stream.failure("expected " + expected + ", but " + found);
    }

    // ---- the connection

    /**
     * The stream below, for bytes that are no frames, for pausing and for endings.
     *
     * @return always the same end
     */
    public StreamEnd stream() {
        return stream;
    }

    /** Closes the connection without a goodbye. With unread input the peer sees a reset. */
    @Override
    public void close() {
        stream.close();
    }

    @Override
    public String toString() {
        return "WebSocket " + (client ? "client " : "server ") + stream;
    }
}
