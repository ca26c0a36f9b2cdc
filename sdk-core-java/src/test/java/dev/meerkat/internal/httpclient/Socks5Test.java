package dev.meerkat.internal.httpclient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Address;
import dev.meerkat.event.Bytes;
import dev.meerkat.http.client.ClientProxy.Credentials;
import dev.meerkat.internal.buffer.ReceiveQueue;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class Socks5Test {
    private static Socks5 to(String address, @Nullable Credentials credentials) {
        Address parsed = Address.parse(address);
        return new Socks5(parsed.host(), parsed.literal(), parsed.port(), credentials);
    }

    private static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    /** Gives a byte at a time; answers what was to be sent, in hexadecimal. */
    private static String feed(Socks5 socks, String received) throws Socks5.Refused {
        ReceiveQueue queue = new ReceiveQueue();
        queue.lend(ByteBuffer.allocate(0));
        ReceiveQueue kept = queue.keep(1_000);
        StringBuilder sent = new StringBuilder();
        byte[] bytes = HexFormat.of().parseHex(received);
        for (byte each : bytes) {
            kept.append(ByteBuffer.wrap(new byte[] {each}));
            sent.append(hex(socks.received(kept)));
        }
        assertTrue(kept.isEmpty(), "left over: " + kept.size());
        return sent.toString();
    }

    @Test
    void aNameIsLeftToTheProxy() throws Exception {
        Socks5 socks = to("example.com:443", null);
        assertEquals("050100", hex(socks.greeting()));
        assertEquals("050100030b6578616d706c652e636f6d01bb", feed(socks, "0500"));
        assertFalse(socks.isDone());
        assertEquals("", feed(socks, "05000001c00002011f90"));
        assertTrue(socks.isDone());
    }

    @Test
    void addressesGoAsAddresses() throws Exception {
        Socks5 four = to("192.0.2.1:80", null);
        assertEquals("05010001c00002010050", feed(four, "0500"));
        Socks5 six = to("[2001:db8::1]:80", null);
        assertEquals("0501000420010db80000000000000000000000010050", feed(six, "0500"));
    }

    @Test
    void theReplyMayHaveAnyKindOfAddress() throws Exception {
        for (String bound :
                new String[] {"01c00002011f90", "0420010db80000000000000000000000011f90", "0303616263" + "1f90"}) {
            Socks5 socks = to("example.com:80", null);
            feed(socks, "0500");
            feed(socks, "050000" + bound);
            assertTrue(socks.isDone());
        }
    }

    @Test
    void credentialsAreSentIfTheProxyWantsThem() throws Exception {
        Socks5 asked = to("a.b:80", new Credentials("me", "pw"));
        assertEquals("05020002", hex(asked.greeting()));
        assertEquals("01026d65027077", feed(asked, "0502"));
        assertEquals("0501000303612e620050", feed(asked, "0100"));
        Socks5 notAsked = to("a.b:80", new Credentials("me", "pw"));
        assertEquals("0501000303612e620050", feed(notAsked, "0500"));
    }

    @Test
    void everyRefusalIsTold() {
        assertRefused("it asks who we are", null, "0502");
        assertRefused("it takes no password", new Credentials("me", "pw"), "05ff");
        assertRefused("does not take these credentials", new Credentials("me", "pw"), "05020101");
        assertRefused("does not speak SOCKS 5", null, "0400");
        assertRefused("general failure", null, "05000501");
        assertRefused("connection refused", null, "05000505");
        assertRefused("address type not supported", null, "05000508");
        assertRefused("reply 9", null, "05000509");
        assertRefused("an address of type 7", null, "05000500000700");
    }

    private static void assertRefused(String expected, @Nullable Credentials credentials, String received) {
        Socks5.Refused refused = assertThrows(Socks5.Refused.class, () -> feed(to("a.b:80", credentials), received));
        assertTrue(String.valueOf(refused.getMessage()).contains(expected), refused::getMessage);
    }
}
