package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.Resolver;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Answers with the addresses of virtual hosts and of the names that the world was told; knows nothing else. */
final class SimResolver implements Resolver {
    private static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);

    private final Simulation simulation;
    private final Host host;
    private final Set<Lookup> underWay = new LinkedHashSet<>();

    SimResolver(Simulation simulation, Host host) {
        this.simulation = simulation;
        this.host = host;
    }

    @Override
    public CompletableFuture<Answer> resolve(String name) {
        Lookup lookup = new Lookup(name);
        underWay.add(lookup);
        var unused = lookup.answer.whenComplete((answer, failure) -> lookup.over());
        simulation.trace().record(simulation.scheduler().now(), host, "look up " + name, 0, 0);
        simulation
                .scheduler()
                .at(
                        lookup,
                        Times.plus(
                                simulation.scheduler().now(), simulation.names().delay(name)));
        return lookup.answer;
    }

    /** The names that are being looked up. */
    List<String> underWay() {
        return underWay.stream().map(Lookup::describe).toList();
    }

    private final class Lookup extends SimTask {
        private final String name;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();

        Lookup(String name) {
            this.name = name;
        }

        @Override
        protected void run() {
            List<InetAddress> addresses = simulation.names().addresses(name);
            if (addresses.isEmpty()) {
                answer.completeExceptionally(new UnknownHostException(name + ": Name or service not known"));
            } else {
                answer.complete(new Answer(addresses, TIME_TO_LIVE));
            }
        }

        void over() {
            underWay.remove(this);
            simulation.scheduler().cancel(this);
        }

        @Override
        public String describe() {
            return host.name() + ": look-up of " + name;
        }
    }
}
