package dev.meerkat.testkit.websocket;

import dev.meerkat.EventManager;
import dev.meerkat.Tap;
import dev.meerkat.testkit.internal.WebSocketFollower;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The WebSocket frames that pass a connection, each in a readable line: seconds since 1970, the connection, the
 * direction, opcode and what is special, the length, and the beginning of the payload. For real connections as for
 * simulated ones; above TLS.
 *
 * <pre>{@code
 * ManagerOptions options = ManagerOptions.builder()
 *     .observe(ObserveOptions.tappedBy(FrameLog.to(System.err::println)))
 *     .build();
 * }</pre>
 *
 * <pre>
 * 1767225600.250120417 meerkat/conn-1 &lt;- text, masked, 5 bytes: "Hello"
 * 1767225600.250190022 meerkat/conn-1 -&gt; text, more follows, 3 bytes: "Hel"
 * 1767225600.250200143 meerkat/conn-1 -&gt; close, 6 bytes: 1000 "bye!"
 * </pre>
 *
 * <p>Frames that break rules are told like others; one that stays a beginning is told when the connection ends. A
 * compressed message shows its bytes as they are. Put on before the handshake; of a WebSocket that was open already
 * nothing is told. Holds at most 1 KiB for a connection, while it is open. May be shared by any number of connections
 * and managers; lines are made on the loop thread, one at a time.
 */
public final class FrameLog implements Tap {
    private final Consumer<? super String> target;
    private final Map<Socket, WebSocketFollower> followers = new HashMap<>();
    private final StringBuilder head = new StringBuilder();

    private record Socket(EventManager manager, long id) {}

    private FrameLog(Consumer<? super String> target) {
        this.target = target;
    }

    /**
     * Tells frames to anything that takes lines.
     *
     * @param lines is given each line, without an end of line, on the loop thread
     * @return a tap, for {@link dev.meerkat.ObserveOptions} or {@link dev.meerkat.Connection#addTap}
     */
    public static FrameLog to(Consumer<? super String> lines) {
        return new FrameLog(Objects.requireNonNull(lines, "lines"));
    }

    @Override
    public synchronized void received(Wire wire, ByteBuffer bytes) {
        if (!wire.isDatagram()) {
            begin(wire).received(bytes);
        }
    }

    @Override
    public synchronized void sent(Wire wire, ByteBuffer bytes) {
        if (!wire.isDatagram()) {
            begin(wire).sent(bytes);
        }
    }

    @Override
    public synchronized void marked(Wire wire, Mark mark) {
        WebSocketFollower known = followers.get(new Socket(wire.manager(), wire.id()));
        if (known == null) {
            return;
        }
        switch (mark) {
            case ACCEPTED, CONNECTED, JOINED, OUTPUT_ENDED -> {}
            case INPUT_ENDED -> {
                begin(wire);
                known.inputEnded();
            }
            case CLOSED, ABORTED, FAILED, LEFT -> {
                begin(wire).ended();
                followers.remove(new Socket(wire.manager(), wire.id()));
            }
        }
    }

    /** Whose bytes come now, and when. */
    private WebSocketFollower begin(Wire wire) {
        Instant time = wire.time();
        String nanos = Integer.toString(time.getNano());
        head.setLength(0);
        head.append(time.getEpochSecond())
                .append('.')
                .append("0".repeat(9 - nanos.length()))
                .append(nanos)
                .append(' ')
                .append(wire)
                .append(' ');
        return followers.computeIfAbsent(
                new Socket(wire.manager(), wire.id()),
                key -> new WebSocketFollower(line -> target.accept(head + line)));
    }
}
