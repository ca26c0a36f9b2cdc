package dev.meerkat.internal.http;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.EventManager;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.http1.Http1Decoder;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the connections of one HTTP server on one manager share. Loop thread; lives while there is one of them. */
final class ServerSite implements ServerPlace {
    /**
     * How long a connection reads on and throws away after its last answer, at least: a peer that is still sending
     * would otherwise be told of a reset before it has read why (RFC 9112 §9.6). The patience of nginx.
     */
    private static final Duration LEAST_LINGER = Duration.ofSeconds(5);

    final EventManager manager;
    final HttpServerOptions options;
    final HttpLimits limits;
    final Patience patience;
    final Answering answering;
    /** Whether borrowed bytes are overwritten when their loan ends. */
    final boolean poisons;
    /** Whether there is an access log. */
    final boolean logs;

    private final ServerFactory factory;
    private final Map<Object, Source> bySource = new HashMap<>();
    private ReceiveQueue lentBody = new ReceiveQueue();
    /** One that nobody needs: a connection has its own only within a request. */
    private @Nullable Http1Decoder spareDecoder;

    /** What all of them were told when the manager began to end. */
    TcpEvent.@Nullable ShuttingDown shuttingDown;

    private @Nullable ConnectionOptions given;
    private ConnectionOptions adapted = ConnectionOptions.DEFAULT;
    private int connections;

    ServerSite(ServerFactory factory, EventManager manager, HttpServerOptions options) {
        this.factory = factory;
        this.manager = manager;
        this.options = options;
        this.limits = options.limits();
        this.patience = new Patience(this);
        this.answering = new Answering(this);
        this.poisons = manager.runtime().probe().poisonsBorrowedBytes();
        this.logs = options.accessLog().isPresent();
    }

    @Override
    public ServerSite site(EventManager asked) {
        return this;
    }

    // ---------------------------------------------------------------- coming and going

    /** What has come from one place. */
    private static final class Source {
        /** Those that speak HTTP. */
        int speaking;
        /**
         * Those that speak something else by now; nobody tells when they end, so they are looked at when it matters.
         */
        final List<Connection> upgraded = new ArrayList<>();

        /** How many there are, if that is more than so many. */
        int countBeyond(int limit) {
            if (speaking + upgraded.size() > limit) {
                forgetTheClosed();
            }
            return speaking + upgraded.size();
        }

        void forgetTheClosed() {
            if (upgraded.isEmpty()) {
                return; // before a class is made for the lambda, decision 0067
            }
            upgraded.removeIf(connection -> connection.state() == ConnectionState.CLOSED);
        }

        boolean isEmpty() {
            return speaking == 0 && upgraded.isEmpty();
        }
    }

    /** A connection has come; answers whether there is room for one more from there. */
    boolean admit(Connection connection) {
        connections++;
        Object from = countedFrom(connection);
        if (from == null) {
            return true;
        }
        Source source = bySource.get(from);
        if (source == null) {
            source = new Source();
            bySource.put(from, source);
        }
        source.speaking++;
        return source.countBeyond(limits.connectionsPerIp()) <= limits.connectionsPerIp();
    }

    /** A connection has gone, admitted or not; if it lives on with another protocol it still counts. */
    void dismiss(Connection connection) {
        connections--;
        Object from = countedFrom(connection);
        Source source = from == null ? null : bySource.get(from);
        if (source != null) {
            source.speaking--;
            if (connection.isOpen()) {
                source.forgetTheClosed();
                source.upgraded.add(connection);
            }
            if (source.isEmpty()) {
                bySource.remove(from);
            }
        }
        if (connections == 0) {
            patience.end();
            Iterator<Source> sources = bySource.values().iterator();
            while (sources.hasNext()) {
                Source each = sources.next();
                each.forgetTheClosed();
                if (each.isEmpty()) {
                    sources.remove();
                }
            }
            if (bySource.isEmpty()) {
                factory.forget(this);
            }
        }
    }

    /** From where a connection comes, if that is counted. */
    private @Nullable Object countedFrom(Connection connection) {
        return limits.connectionsPerIp() == HttpLimits.NONE ? null : sourceOf(connection.remoteAddress());
    }

    /**
     * From where a connection comes, null if that is no address. Of IPv6 the first 64 bits count: whoever has one
     * address there has them all (RFC 4291 §2.5.4).
     */
    static @Nullable Object sourceOf(SocketAddress remote) {
        InetAddress address = remote instanceof InetSocketAddress inet ? inet.getAddress() : null;
        return address instanceof Inet6Address six
                ? (Object) ByteBuffer.wrap(six.getAddress()).getLong()
                : address;
    }

    /**
     * The options of a connection, changed as HTTP needs it: a peer that has ended its side waits for its answer all
     * the same. Connections of one acceptor have the same options, so these are made once.
     */
    @SuppressWarnings("ReferenceEquality") // the answer is the same; to compare records costs a start 20 ms
    ConnectionOptions adapt(ConnectionOptions original) {
        if (original != given && (given == null || !original.equals(given))) {
            given = original;
            Duration linger = original.lingerTimeout();
            adapted = original.toBuilder()
                    .halfClose(true)
                    .sentEvents(original.sentEvents() || logs)
                    .lingerTimeout(linger.compareTo(LEAST_LINGER) < 0 ? LEAST_LINGER : linger)
                    .build();
        }
        return adapted;
    }

    // ---------------------------------------------------------------- decoders

    Http1Decoder borrowDecoder() {
        Http1Decoder spare = spareDecoder;
        spareDecoder = null;
        return spare != null ? spare : new Http1Decoder(Http1Decoder.Role.SERVER, limits);
    }

    /** Takes back a decoder that has read nothing of a next request. */
    void returnDecoder(Http1Decoder decoder) {
        spareDecoder = decoder;
    }

    // ---------------------------------------------------------------- bodies

    /** The queue that lends a part of a body to whoever reads it; the same one for every loan. */
    ReceiveQueue lentBody() {
        return lentBody;
    }

    void endLoan() {
        lentBody.reclaim(poisons);
        if (poisons) {
            lentBody = new ReceiveQueue();
        }
    }
}
