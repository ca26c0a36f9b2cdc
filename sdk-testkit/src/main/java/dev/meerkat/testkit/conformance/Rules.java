package dev.meerkat.testkit.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.fail;

import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** What all rules need: an arena, two connected ends, and waiting without sleeping. */
@Timeout(30)
abstract class Rules {
    /** What the last turn reported. */
    private final IdentityHashMap<Handle, Integer> ready = new IdentityHashMap<>();

    TransportArena arena;

    abstract TransportArena open() throws IOException;

    @BeforeEach
    void openArena() throws IOException {
        arena = open();
    }

    @AfterEach
    void closeArena() throws IOException {
        arena.close();
    }

    /** Something to wait for. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws IOException;
    }

    /** What is to be tried with two connected streams. */
    @FunctionalInterface
    interface Scene {
        void play(StreamHandle ours, StreamHandle peer) throws IOException;
    }

    /** Plays a scene twice, since a rule does not depend on who connected to whom. */
    final void eitherWay(Scene scene) throws IOException {
        Ends ends = connect();
        scene.play(ends.client, ends.server);
        ends = connect();
        scene.play(ends.server, ends.client);
    }

    /** The two ends of one connection. */
    record Ends(StreamHandle client, StreamHandle server) {}

    final ListenerHandle listen() throws IOException {
        ListenerHandle listener = arena.server().listen(arena.serverAddress(0), SocketOptions.DEFAULT);
        listener.interest(Handle.ACCEPT);
        return listener;
    }

    final Ends connect() throws IOException {
        ListenerHandle listener = listen();
        Ends ends = connect(listener);
        listener.close();
        return ends;
    }

    final Ends connect(ListenerHandle listener) throws IOException {
        StreamHandle client = connected(listener);
        return new Ends(client, accept(listener));
    }

    /** Connects, and leaves accepting for later. */
    final StreamHandle connected(ListenerHandle listener) throws IOException {
        StreamHandle client = arena.client().connect(listener.localAddress(), SocketOptions.DEFAULT);
        await("the connect", () -> readiness(client) == Handle.CONNECT && client.finishConnect());
        return client;
    }

    final StreamHandle accept(ListenerHandle listener) throws IOException {
        StreamHandle[] accepted = new StreamHandle[1];
        await("a connection to accept", () -> {
            accepted[0] = listener.accept();
            return accepted[0] != null;
        });
        return accepted[0];
    }

    /**
     * Takes turns until the condition holds; fails if nothing more can happen. It is asked before the first turn, too.
     */
    final void await(String what, Condition condition) throws IOException {
        while (!condition.holds()) {
            if (!turn() && !condition.holds()) {
                fail("nothing more happens, still waiting for " + what);
            }
        }
    }

    /** Waits until the handle is reported ready for all of these operations, and sets its interest to them. */
    final void awaitReady(Handle handle, int ops) throws IOException {
        handle.interest(ops);
        ready.clear();
        await("readiness for " + ops, () -> readiness(handle) == ops);
    }

    /** One turn; afterwards {@link #readiness} tells what it brought. */
    final boolean turn() throws IOException {
        ready.clear();
        return arena.turn(
                (handle, ops) -> assertNull(ready.put(handle, ops), "a handle was reported twice in one turn"));
    }

    /** Lets everything arrive that is under way. For rules about what must not happen. */
    final void settle() throws IOException {
        for (int turns = 0; turns < 3; turns++) {
            turn();
        }
    }

    /** What the last turn reported for this handle, 0 for nothing. */
    final int readiness(Handle handle) {
        return ready.getOrDefault(handle, 0);
    }

    /** What the next turns report for this handle when it is interested in these operations. */
    final int readinessOf(Handle handle, int ops) throws IOException {
        handle.interest(ops);
        settle();
        return readiness(handle);
    }

    final boolean can(Transport.Capability capability) {
        return arena.server().capabilities().contains(capability)
                && arena.client().capabilities().contains(capability);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Sends a short text, which a socket with room takes whole. */
    final void send(StreamHandle from, String text) throws IOException {
        ByteBuffer source = bytes(text);
        await("room to send", () -> {
            from.write(source);
            return !source.hasRemaining();
        });
    }

    /** Reads exactly this text, however it is cut. */
    final void expect(StreamHandle at, String text) throws IOException {
        byte[] expected = text.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer target = ByteBuffer.allocate(expected.length);
        await("the text " + text, () -> {
            if (at.read(target) < 0) {
                fail("the input ended before the text " + text);
            }
            return !target.hasRemaining();
        });
        assertArrayEquals(expected, target.array());
    }

    /** One read into a buffer that is large enough. */
    static int read(StreamHandle at) throws IOException {
        return at.read(ByteBuffer.allocate(1_024));
    }

    /** Waits until reading or writing fails, and returns the failure. */
    final IOException awaitFailure(String what, Condition attempt) throws IOException {
        IOException[] failure = new IOException[1];
        await(what, () -> {
            try {
                attempt.holds();
                return false;
            } catch (IOException thrown) {
                failure[0] = thrown;
                return true;
            }
        });
        return failure[0];
    }
}
