package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Where the port comes from. */
class InteropTest {
    private static final String[] NOTHING = {};

    @Test
    void theArgumentWinsOverTheEnvironment() {
        assertEquals(8080, Interop.port(new String[] {"--port", "8080"}, "9090"));
        assertEquals(9090, Interop.port(NOTHING, "9090"));
    }

    @Test
    void whatIsNoPortWithAnotherAboveItIsRefused() {
        assertEquals(1, Interop.port(new String[] {"--port", "1"}, null));
        assertEquals(65_534, Interop.port(new String[] {"--port", "65534"}, null));
        for (String bad : new String[] {"0", "65535", "-1", "", "http", "99999999999"}) {
            assertEquals(-1, Interop.port(new String[] {"--port", bad}, null), bad);
            assertEquals(-1, Interop.port(NOTHING, bad), bad);
        }
    }

    @Test
    void otherArgumentsAreRefused() {
        assertEquals(-1, Interop.port(NOTHING, null));
        assertEquals(-1, Interop.port(new String[] {"--port"}, "9090"));
        assertEquals(-1, Interop.port(new String[] {"8080"}, "9090"));
        assertEquals(-1, Interop.port(new String[] {"--port", "8080", "-v"}, "9090"));
    }
}
