package dev.meerkat.internal.connection;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.names.HappyEyeballs;
import dev.meerkat.internal.names.Part;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the name of a UDP peer. With datagrams nobody answers a connect, so that there is nothing to race: the first
 * address that a socket can be connected to is taken.
 */
final class UdpConnecting implements TimerTask, NameLookup.Waiter {
    private final UdpLife socket;
    private final RealEventManager manager;
    private final String host;
    private final Duration timeout;
    private final TimerNode timer = new TimerNode(this);
    private final List<InetAddress> found = new ArrayList<>(2);
    private @Nullable ConnectionError lastError;
    private int parts;
    private boolean over;

    UdpConnecting(UdpLife socket, String host, Duration timeout) {
        this.socket = socket;
        this.manager = socket.owner();
        this.host = host;
        this.timeout = timeout;
    }

    void start() {
        manager.loop().arm(timer, manager.loop().deadlineIn(Nanos.of(timeout)));
        manager.names().ask(host, this);
    }

    @Override
    public void answered(Part part, List<InetAddress> addresses, @Nullable ConnectionError error) {
        if (over) {
            return;
        }
        int room = HappyEyeballs.MAX_ADDRESSES - found.size(); // as many as a connection tries
        found.addAll(addresses.subList(0, Math.min(room, addresses.size())));
        lastError = error != null ? error : lastError;
        if (part != Part.ALL && ++parts < 2) {
            return; // the other family is still to come
        }
        end();
        ConnectionError failure = lastError;
        if (!found.isEmpty()) {
            socket.resolved(found);
        } else {
            socket.connectFailed(
                    failure != null ? failure : ConnectionError.of(Kind.UNKNOWN_HOST, host + " has no address"));
        }
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        end();
        socket.connectFailed(
                ConnectionError.of(Kind.CONNECT_TIMEOUT, "looking up " + host + ": no answer within " + timeout));
    }

    /** Gives up: releases everything, reports nothing. */
    void end() {
        if (!over) {
            over = true;
            manager.loop().disarm(timer);
            manager.names().leave(host, this);
        }
    }
}
