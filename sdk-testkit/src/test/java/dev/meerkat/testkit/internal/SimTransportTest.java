package dev.meerkat.testkit.internal;

import dev.meerkat.testkit.conformance.TransportArena;
import dev.meerkat.testkit.conformance.TransportConformance;
import org.junit.jupiter.api.Nested;

/** The simulated sockets obey the rules that were measured on real ones, P1 to P20 among them. */
class SimTransportTest {
    @Nested
    class OnOneHost extends TransportConformance {
        @Override
        protected TransportArena open() {
            return SimArena.loopback();
        }
    }

    @Nested
    class OverALink extends TransportConformance {
        @Override
        protected TransportArena open() {
            return SimArena.link(10_000_000);
        }
    }

    @Nested
    class InAnotherOrder extends TransportConformance {
        private long seed;

        @Override
        protected TransportArena open() {
            return SimArena.exploring(++seed);
        }
    }
}
