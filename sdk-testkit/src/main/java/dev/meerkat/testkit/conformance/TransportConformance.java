package dev.meerkat.testkit.conformance;

import java.io.IOException;
import org.junit.jupiter.api.Nested;

/**
 * The rules of {@link dev.meerkat.runtime.Transport}, as tests. What is expected here was measured on real sockets of
 * Linux, so that a simulated transport which passes fails in the same places and with the same words.
 *
 * <p>A subclass says where to play and inherits the rest:
 *
 * <pre>{@code
 * class MyTransportTest extends TransportConformance {
 *     @Override
 *     protected TransportArena open() {
 *         return new MyArena();
 *     }
 * }
 * }</pre>
 *
 * <p>Rules about a capability that the transport does not claim do not count, except that it must then refuse the call.
 */
public abstract class TransportConformance {
    /** For subclasses. */
    protected TransportConformance() {}

    /**
     * Opens a fresh arena; each test asks for one and closes it.
     *
     * @return the arena
     * @throws IOException if it cannot be opened
     */
    protected abstract TransportArena open() throws IOException;

    @Nested
    class Readiness extends ReadinessRules {
        @Override
        TransportArena open() throws IOException {
            return TransportConformance.this.open();
        }
    }

    @Nested
    class Streams extends StreamRules {
        @Override
        TransportArena open() throws IOException {
            return TransportConformance.this.open();
        }
    }

    @Nested
    class Endings extends EndingRules {
        @Override
        TransportArena open() throws IOException {
            return TransportConformance.this.open();
        }
    }

    @Nested
    class ConnectingAndListening extends ListenRules {
        @Override
        TransportArena open() throws IOException {
            return TransportConformance.this.open();
        }
    }

    @Nested
    class Datagrams extends DatagramRules {
        @Override
        TransportArena open() throws IOException {
            return TransportConformance.this.open();
        }
    }

    @Nested
    class UnixSockets extends UnixRules {
        @Override
        TransportArena open() throws IOException {
            return TransportConformance.this.open();
        }
    }
}
