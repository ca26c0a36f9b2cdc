package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.Resolver;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Answers with what the world knows of names, each family of addresses by itself; knows nothing else. */
final class SimResolver implements Resolver {
    /** What is answered, at the instant of answering. */
    @FunctionalInterface
    private interface Source<T> {
        T get() throws IOException;
    }

    private final Simulation simulation;
    private final Host host;
    private final Set<Pending<?>> underWay = new LinkedHashSet<>();

    SimResolver(Simulation simulation, Host host) {
        this.simulation = simulation;
        this.host = host;
    }

    @Override
    public Lookup lookUp(String name) {
        simulation.trace().record(simulation.scheduler().now(), host, "look up " + name, 0, 0);
        Names names = simulation.names();
        Names.Zone zone = names.zone(name);
        return new Lookup.Separate(
                ask("look-up of " + name + ", IPv6", zone.ipv6(), () -> answer(names.ipv6(name), zone.ipv6())),
                ask("look-up of " + name, zone.ipv4(), () -> answer(names.ipv4(name), zone.ipv4())));
    }

    private static Answer answer(List<InetAddress> addresses, Names.Records<InetAddress> records) {
        return new Answer(addresses, records.timeToLive());
    }

    /** Both families as one answer, for programs that ask a runtime themselves. */
    @Override
    public CompletableFuture<Answer> resolve(String name) {
        Lookup.Separate lookup = (Lookup.Separate) lookUp(name);
        CompletableFuture<Answer> ipv6 = lookup.ipv6().answer();
        CompletableFuture<Answer> ipv4 = lookup.ipv4().answer();
        return ipv6.handle((found, failure) -> found)
                .thenCompose(first -> first == null
                        ? ipv4
                        : ipv4.handle((second, failure) -> {
                            return second == null ? first : together(first, second);
                        }));
    }

    private static Answer together(Answer first, Answer second) {
        List<InetAddress> all = new ArrayList<>(first.addresses());
        all.addAll(second.addresses());
        boolean firstIsShorter = first.timeToLive().compareTo(second.timeToLive()) < 0;
        return new Answer(all, firstIsShorter ? first.timeToLive() : second.timeToLive());
    }

    @Override
    public Question<HostName> reverse(InetAddress address) {
        String text = address.getHostAddress();
        simulation.trace().record(simulation.scheduler().now(), host, "look up " + text, 0, 0);
        Names.Records<String> pointer = simulation.names().pointer(address);
        return ask(
                "look-up of " + text,
                pointer,
                () -> new HostName(simulation.names().nameOf(address), pointer.timeToLive()));
    }

    @Override
    public Question<HostName> canonicalHostName() {
        return Question.of(CompletableFuture.completedFuture(new HostName(host.name(), Duration.ZERO)));
    }

    private <T> Question<T> ask(String what, Names.Records<?> records, Source<T> source) {
        Pending<T> pending = new Pending<>(what, source);
        underWay.add(pending);
        var unused = pending.answer.whenComplete((answer, failure) -> pending.over());
        if (!records.isSilent()) {
            long now = simulation.scheduler().now();
            simulation.scheduler().at(pending, Times.plus(now, records.delay()));
        }
        return Question.cancellable(pending.answer);
    }

    /** What is being looked up. */
    List<String> underWay() {
        return underWay.stream().map(Pending::describe).toList();
    }

    private final class Pending<T> extends SimTask {
        private final String what;
        private final Source<T> source;
        private final CompletableFuture<T> answer = new CompletableFuture<>();

        Pending(String what, Source<T> source) {
            this.what = what;
            this.source = source;
        }

        @Override
        protected void run() {
            try {
                answer.complete(source.get());
            } catch (IOException failure) {
                answer.completeExceptionally(failure);
            }
        }

        void over() {
            underWay.remove(this);
            simulation.scheduler().cancel(this);
        }

        @Override
        public String describe() {
            return host.name() + ": " + what;
        }
    }
}
