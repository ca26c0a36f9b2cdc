package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the command line may say. */
class InteropTest {
    private static InteropArguments parse(@Nullable String environment, String... args) {
        return InteropArguments.parse(args, environment);
    }

    @Test
    void theArgumentWinsOverTheEnvironment() {
        assertEquals(8080, parse("9090", "--port", "8080").port());
        assertEquals(9090, parse("9090").port());
    }

    @Test
    void whatIsNoPortWithAnotherAboveItIsRefused() {
        assertEquals(1, parse(null, "--port", "1").port());
        assertEquals(65_534, parse(null, "--port", "65534").port());
        for (String bad : new String[] {"0", "65535", "-1", "", "http", "99999999999"}) {
            assertThrows(IllegalArgumentException.class, () -> parse(null, "--port", bad), bad);
            assertThrows(IllegalArgumentException.class, () -> parse(bad), bad);
        }
    }

    @Test
    void otherArgumentsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> parse(null));
        assertThrows(IllegalArgumentException.class, () -> parse("9090", "--port"));
        assertThrows(IllegalArgumentException.class, () -> parse("9090", "8080"));
        assertThrows(IllegalArgumentException.class, () -> parse("9090", "-v"));
    }

    @Test
    void certificateAndKeyMayBeOneFileOrTwo() {
        InteropArguments one = parse("80", "--tls", "a.pem", "--tls-port", "443");
        assertEquals(Path.of("a.pem"), one.certificate());
        assertNull(one.key());
        assertEquals(443, one.tlsPort());
        assertEquals(
                Path.of("k.pem"),
                parse("80", "--tls", "a.pem,k.pem", "--tls-port", "443").key());
        assertThrows(IllegalArgumentException.class, () -> parse("80", "--tls", "a.pem"));
        assertThrows(IllegalArgumentException.class, () -> parse("80", "--tls-port", "443"));
    }

    @Test
    void thereIsOneLoopUnlessMoreAreAskedFor() {
        assertEquals(1, parse("80").threads());
        assertEquals(1024, parse("80", "--threads", "1024").threads());
        assertThrows(IllegalArgumentException.class, () -> parse("80", "--threads", "1025"));
    }
}
