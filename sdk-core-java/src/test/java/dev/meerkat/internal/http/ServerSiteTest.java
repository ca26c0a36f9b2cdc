package dev.meerkat.internal.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServerSiteTest {
    private static @Nullable Object source(String address) {
        try {
            return ServerSite.sourceOf(new InetSocketAddress(InetAddress.getByName(address), 1));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoHasOneAddressOfANetOfIpv6HasThemAll() {
        assertEquals(source("2001:db8:0:1::1"), source("2001:db8:0:1:ffff::2"));
        assertNotEquals(source("2001:db8:0:1::1"), source("2001:db8:0:2::1"));
    }

    @Test
    void ofIpv4EachAddressIsOnesOwnAndAFileHasNone() {
        assertEquals(source("192.0.2.1"), source("192.0.2.1"));
        assertNotEquals(source("192.0.2.1"), source("192.0.2.2"));
        assertNull(ServerSite.sourceOf(UnixDomainSocketAddress.of("/tmp/x")));
    }
}
