package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.Transport;
import dev.meerkat.testkit.conformance.TransportArena;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One virtual host that talks to itself, or two with a link between them. */
final class SimArena implements TransportArena {
    /** More turns than any test takes; a test that takes more waits for what never comes. */
    private static final int PATIENCE = 1_000_000;

    /** A test that reads without asking for readiness gets on although nothing happens here. */
    private static final int IDLE_PATIENCE = 100;

    private static final SimTransport.Waker NOBODY = new SimTransport.Waker() {
        @Override
        public void onReady() {}

        @Override
        public void onWake() {}
    };

    private final Simulation simulation;
    private final Host serverHost;
    private final Host clientHost;
    private final SimTransport server;
    private final SimTransport client;
    private final boolean loopback;
    private int turns;
    private int idleTurns;

    private SimArena(Simulation simulation, String clientName, @Nullable Chunking chunking, long latency) {
        this.simulation = simulation;
        this.serverHost = simulation.network().host("server");
        this.clientHost = simulation.network().host(clientName);
        this.loopback = serverHost == clientHost;
        this.server = new SimTransport(serverHost, "server", 0, NOBODY);
        this.client = loopback ? server : new SimTransport(clientHost, "client", 0, NOBODY);
        for (Route route : new Route[] {
            simulation.network().route(clientHost, serverHost),
            simulation.network().route(serverHost, clientHost)
        }) {
            route.latency(latency, latency);
            if (chunking != null) {
                route.deliveries(chunking.deliveries());
            }
        }
    }

    /** How the link cuts. */
    record Chunking(ChunkPolicy deliveries) {}

    static SimArena loopback() {
        return new SimArena(simulation(0, false), "server", null, 0);
    }

    static SimArena link(long latency) {
        return new SimArena(simulation(0, false), "client", null, latency);
    }

    static SimArena exploring(long seed) {
        return new SimArena(simulation(seed, true), "client", new Chunking(ChunkPolicy.WHOLE), 1_000);
    }

    private static Simulation simulation(long seed, boolean explores) {
        return new Simulation(seed, explores, Simulation.DEFAULT_WALL_START);
    }

    @Override
    public Transport server() {
        return server;
    }

    @Override
    public Transport client() {
        return client;
    }

    @Override
    public InetSocketAddress serverAddress(int port) {
        return address(serverHost, port);
    }

    @Override
    public InetSocketAddress clientAddress(int port) {
        return address(clientHost, port);
    }

    private InetSocketAddress address(Host host, int port) {
        return new InetSocketAddress(loopback ? InetAddress.getLoopbackAddress() : host.ipv4(), port);
    }

    @Override
    public Optional<String> unusedPath() {
        return Optional.of("/run/unused");
    }

    @Override
    public Optional<String> deadSocket() {
        serverHost.files().makeStaleSocket("/run/dead");
        return Optional.of("/run/dead");
    }

    @Override
    public boolean turn(Transport.ReadySink sink) throws IOException {
        boolean[] something = {false};
        long instant = simulation.scheduler().nextTime();
        while (instant != Long.MAX_VALUE && simulation.scheduler().stepUntil(instant)) {
            something[0] = true;
        }
        Transport.ReadySink counting = (handle, ops) -> {
            something[0] = true;
            sink.ready(handle, ops);
        };
        if (!server.isClosed()) {
            server.poll(0, counting);
        }
        if (!loopback && !client.isClosed()) {
            client.poll(0, counting);
        }
        idleTurns = something[0] ? 0 : idleTurns + 1;
        return idleTurns < IDLE_PATIENCE && turns++ < PATIENCE;
    }

    @Override
    public void close() throws IOException {
        server.close();
        client.close();
    }
}
