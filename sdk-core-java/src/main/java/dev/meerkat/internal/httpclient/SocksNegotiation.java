package dev.meerkat.internal.httpclient;

import dev.meerkat.Address;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.client.ClientProxy;

/** Asks a SOCKS 5 proxy for a connection to a server. */
final class SocksNegotiation implements Tunnel.Negotiation {
    private final Socks5 socks;

    SocksNegotiation(Origin origin, ClientProxy proxy) {
        Address address = new Address("tcp", origin.bareHost(), origin.port());
        socks = new Socks5(address.host(), address.literal(), address.port(), proxy.credentials());
    }

    @Override
    public Bytes greeting() {
        return socks.greeting();
    }

    @Override
    public Bytes received(ReceiveBuffer answer) throws Socks5.Refused {
        return socks.received(answer);
    }

    @Override
    public boolean isDone() {
        return socks.isDone();
    }
}
