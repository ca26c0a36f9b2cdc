package dev.meerkat.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.Tap.Mark;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class HexDumpTest {
    private static final String ACCEPTED = "1767225600.250000000 test/conn-7 127.0.0.1:80 <+ 127.0.0.1:4007 0\n";

    private final StringBuilder text = new StringBuilder();

    @Test
    void theHeaderTellsTimeConnectionAddressesDirectionAndCount() {
        HexDump dump = HexDump.to(text);
        FakeWire wire = FakeWire.tcp(7);
        dump.marked(wire, Mark.ACCEPTED);
        dump.received(wire, ByteBuffer.wrap(new byte[] {'a', 0, (byte) 0xff}));
        dump.sent(wire, ByteBuffer.wrap(new byte[] {'b'}));
        dump.marked(wire, Mark.CLOSED);
        assertEquals(ACCEPTED + """
                1767225600.250000000 test/conn-7 127.0.0.1:80 <- 127.0.0.1:4007 3
                0000  61 00 ff                                          a..
                1767225600.250000000 test/conn-7 127.0.0.1:80 -> 127.0.0.1:4007 1
                0000  62                                                b
                1767225600.250000000 test/conn-7 127.0.0.1:80 -- 127.0.0.1:4007 0 closed
                """, text.toString());
    }

    @Test
    void theEventThatGoesBeyondTheLimitIsTheLast() {
        HexDump dump = HexDump.to(text, new HexDump.Limits(1, 2L * ACCEPTED.length()));
        FakeWire wire = FakeWire.tcp(7);
        dump.marked(wire, Mark.ACCEPTED);
        dump.marked(wire, Mark.ACCEPTED);
        assertEquals(ACCEPTED.repeat(2), text.toString(), "n");
        dump.marked(wire, Mark.ACCEPTED);
        String end = "--- the dump ends here, at its limit of " + 2 * ACCEPTED.length() + " characters\n";
        assertEquals(ACCEPTED.repeat(3) + end, text.toString(), "n + 1");
        dump.marked(wire, Mark.ACCEPTED);
        assertEquals(ACCEPTED.repeat(3) + end, text.toString(), "after that");
    }

    @Test
    void aClosedDumpWritesNothing() throws Exception {
        HexDump dump = HexDump.to(text);
        dump.close();
        dump.marked(FakeWire.tcp(7), Mark.ACCEPTED);
        assertEquals("", text.toString());
    }

    @Test
    void limitsAreAtLeastOne() {
        assertThrows(IllegalArgumentException.class, () -> new HexDump.Limits(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new HexDump.Limits(1, 0));
    }
}
