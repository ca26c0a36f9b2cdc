package dev.meerkat.testkit.conformance;

import java.io.IOException;
import org.junit.jupiter.api.Nested;

/** Real sockets follow the rules, whether both ends live in one transport or each in its own. */
class NioTransportTest {
    @Nested
    class BothEndsInOneTransport extends TransportConformance {
        @Override
        protected TransportArena open() throws IOException {
            return NioArena.ofOne();
        }
    }

    @Nested
    class OneTransportForEachEnd extends TransportConformance {
        @Override
        protected TransportArena open() throws IOException {
            return NioArena.ofTwo();
        }
    }
}
