package dev.meerkat;

import java.net.SocketAddress;

/** Decides about an inbound connection by its address alone, before a byte is read or written. */
@FunctionalInterface
public interface AcceptFilter {
    /** Lets everybody in. */
    AcceptFilter ALLOW_ALL = new AcceptFilter() { // no lambda at a start, decision 0067
                @Override
                public boolean accepts(SocketAddress remote) {
                    return true;
                }
            };

    /**
     * Decides. Called on the loop thread. A refused connection is reset; its handler never hears of it. If the filter
     * throws, the connection is refused and the failure is reported to the manager's error hook.
     *
     * @param remote the address of the peer
     * @return whether to accept it
     */
    boolean accepts(SocketAddress remote);
}
