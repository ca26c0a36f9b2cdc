package dev.meerkat.internal.secure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.loop.Mailbox;
import dev.meerkat.runtime.TimeSource;
import dev.meerkat.runtime.Transport;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Between any two handshakes that the loop computes it asks the sockets; and no peer holds it long, or often. */
class OneATurnTest {
    private final List<String> happened = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private long now = Long.MAX_VALUE - OneATurn.LONG_NANOS; // clocks count from anywhere, and pass every number

    private final TimeSource time = new TimeSource() {
        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public Instant wallTime() {
            return Instant.EPOCH;
        }
    };

    private final EventLoop loop =
            new EventLoop(sockets(), time, new Mailbox(1), 64, (source, failure) -> failures.add(failure));
    private final OneATurn turns = new OneATurn(loop, time);

    /** They are never ready. */
    private Transport sockets() {
        return (Transport) Proxy.newProxyInstance(
                Transport.class.getClassLoader(), new Class<?>[] {Transport.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("poll")) {
                        happened.add((long) arguments[0] == 0 ? "ask" : "wait");
                    }
                    return null;
                });
    }

    private boolean handshake(String name, long nanos) {
        return add(() -> {
            happened.add(name);
            now += nanos;
            return true;
        });
    }

    private boolean add(BooleanSupplier here) {
        return turns.add(new OneATurn.Computation() {
            @Override
            public boolean runHere() {
                return here.getAsBoolean();
            }

            @Override
            public void runElsewhere() {
                happened.add("elsewhere");
            }
        });
    }

    private void turn() {
        loop.runOnce(-1);
    }

    @Test
    void betweenAnyTwoTheSocketsAreAsked() {
        assertTrue(handshake("a", 1) && handshake("b", 1) && handshake("c", 1));
        for (int i = 0; i < 5; i++) {
            turn();
        }
        assertEquals(List.of("ask", "a", "ask", "b", "ask", "c", "ask", "wait"), happened);
    }

    @Test
    void whoIsGoneCostsNoTurn() {
        assertTrue(add(() -> false) && add(() -> false));
        assertTrue(handshake("a", 1));
        turn();
        turn();
        assertEquals(List.of("ask", "a", "ask"), happened);
    }

    @Test
    void whoFailsHoldsNobodyUp() {
        assertTrue(add(() -> {
            throw new IllegalStateException("broken");
        }));
        assertTrue(handshake("a", 1));
        turn();
        turn();
        turn();
        assertEquals(List.of("ask", "ask", "a", "ask"), happened);
        assertEquals(1, failures.size());
    }

    @Test
    void afterOneThatTookLongNoMoreIsTakenForASecond() {
        assertTrue(handshake("as long as it may", OneATurn.LONG_NANOS));
        turn();
        turn();
        assertTrue(handshake("longer", OneATurn.LONG_NANOS + 1), "n");
        assertTrue(handshake("waits already", 1) && handshake("waits already", 1));
        turn();
        turn();
        long ended = now;
        assertFalse(handshake("in the same second", 1), "n + 1");
        now = ended + OneATurn.REST_NANOS - 1;
        assertFalse(handshake("in the same second", 1));
        now = ended + OneATurn.REST_NANOS;
        assertTrue(handshake("in the next", 1));
        turn();
        turn();
        assertEquals(
                List.of("as long as it may", "longer", "elsewhere", "elsewhere", "in the next"),
                happened.stream().filter(each -> each.length() > 4).toList());
    }
}
