package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.LookupException;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.Names;
import dev.meerkat.ResolverOptions;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.connection.NameLookup.Known;
import dev.meerkat.internal.connection.NameLookup.Waiter;
import dev.meerkat.internal.names.NameCache;
import dev.meerkat.internal.names.Part;
import dev.meerkat.runtime.Resolver.Lookup;
import dev.meerkat.runtime.Resolver.Question;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a manager knows of names: what was answered and still holds, and what is being asked. Loop thread only. */
final class RealNames implements Names {
    private static final ConnectionError CLOSED =
            ConnectionError.of(Kind.MANAGER_CLOSED, "looking up a name: the event manager was closed");

    private final RealEventManager manager;
    private final ResolverOptions options;
    private final long timeoutNanos;
    private final NameCache<String, List<Known>> cache;
    private final Map<String, NameLookup> underWay = new HashMap<>();
    private final HostNames hostNames;

    RealNames(RealEventManager manager, ResolverOptions options) {
        this.manager = manager;
        this.options = options;
        this.timeoutNanos = Nanos.of(options.lookupTimeout());
        this.cache = new NameCache<>(options.cacheLimit());
        this.hostNames = new HostNames(manager, this, options);
    }

    // ---------------------------------------------------------------- for connects

    /** Has somebody told the addresses of a name; what is known is told before this returns. */
    void ask(String host, Waiter waiter) {
        if (isLocalhost(host)) {
            waiter.answered(Part.ALL, Loopback.BOTH, null);
            return;
        }
        String key = host.toLowerCase(Locale.ROOT);
        List<Known> kept = cache.get(key, manager.loop().now());
        if (kept != null) {
            kept.forEach(each -> each.tell(waiter));
        } else {
            join(key, waiter);
        }
    }

    private void join(String key, Waiter waiter) {
        NameLookup present = underWay.get(key);
        if (present != null) {
            present.join(waiter);
            return;
        }
        if (underWay.size() >= options.maxLookups()) {
            waiter.answered(Part.ALL, List.of(), tooMany(key));
            return;
        }
        NameLookup begun = new NameLookup(this, key);
        underWay.put(key, begun);
        begun.join(waiter);
        begun.begin(lookUp(key));
    }

    private Lookup lookUp(String key) {
        try {
            return manager.runtime().resolver().lookUp(key);
        } catch (Throwable e) {
            return new Lookup.Together(Question.of(CompletableFuture.failedFuture(e)));
        }
    }

    /** Somebody waits no longer. Others do. */
    void leave(String host, Waiter waiter) {
        NameLookup present = underWay.get(host.toLowerCase(Locale.ROOT));
        if (present != null) {
            present.leave(waiter);
        }
    }

    /** RFC 6761, section 6.3: the name and all below it are the loopback, whatever a name server says. */
    static boolean isLocalhost(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.endsWith(".localhost");
    }

    // ---------------------------------------------------------------- for look-ups

    <T> Asking<T> ask(Question<T> question, Asking.Ended<T> listener) {
        return new Asking<>(manager, question, timeoutNanos, listener);
    }

    ConnectionError error(String what, @Nullable Throwable failure) {
        return NameErrors.ofLookup(what, failure, options.lookupTimeout());
    }

    ConnectionError tooMany(String what) {
        return ConnectionError.of(
                Kind.LOOKUP_FAILED,
                "looking up " + what + ": " + options.maxLookups()
                        + " look-ups are under way, the limit of the manager's options");
    }

    void over(NameLookup lookup) {
        underWay.remove(lookup.key(), lookup);
        cache.put(lookup.key(), List.copyOf(lookup.known()), manager.loop().now(), holds(lookup.known()));
    }

    void abandoned(NameLookup lookup) {
        underWay.remove(lookup.key(), lookup);
    }

    /**
     * How long what is known of a name holds. That one family has no addresses holds as long as those of the other;
     * that a family could not be looked up is soon tried again, and kept for no time at all if nothing else is known.
     */
    private long holds(List<Known> known) {
        Duration shortest = null;
        boolean incomplete = false;
        for (Known each : known) {
            ConnectionError error = each.error();
            if (error == null) {
                shortest = shortest == null ? each.timeToLive() : least(shortest, each.timeToLive());
            } else {
                incomplete |= error.kind() != Kind.UNKNOWN_HOST;
            }
        }
        if (shortest == null) {
            return incomplete ? 0 : Nanos.of(options.negativeTtl());
        }
        Duration capped = least(shortest, options.maximumTtl());
        return Nanos.of(incomplete ? least(capped, options.negativeTtl()) : capped);
    }

    static Duration least(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    /** The manager closes. */
    void close() {
        for (NameLookup lookup : List.copyOf(underWay.values())) {
            lookup.fail(CLOSED);
        }
        hostNames.close();
    }

    // ---------------------------------------------------------------- the public face

    @Override
    public CompletableFuture<List<InetAddress>> addresses(String host) {
        return find(host, false);
    }

    @Override
    public CompletableFuture<List<InetAddress>> refresh(String host) {
        return find(host, true);
    }

    private CompletableFuture<List<InetAddress>> find(String host, boolean anew) {
        Address address = new Address("tcp", host, 0);
        if (host.isEmpty()) {
            throw new MalformedAddressException("\"\": expected a host name or an IP address");
        }
        Optional<InetAddress> literal = address.literal();
        return onLoop(result -> {
            if (literal.isPresent()) {
                result.complete(List.of(literal.get()));
                return;
            }
            if (anew) {
                cache.remove(host.toLowerCase(Locale.ROOT));
            }
            AddressQuery query = new AddressQuery(host, result);
            ask(host, query);
            var unused = result.whenComplete((addresses, failure) -> {
                if (result.isCancelled()) {
                    manager.postInternal(() -> leave(host, query));
                }
            });
        });
    }

    @Override
    public CompletableFuture<Optional<String>> hostName(InetAddress address) {
        return onLoop(result -> hostNames.nameOf(address, result));
    }

    @Override
    public CompletableFuture<Optional<String>> canonicalHostName() {
        return onLoop(hostNames::ofThisHost);
    }

    @Override
    public void clear() {
        CompletableFuture<Boolean> unused = onLoop(result -> {
            cache.clear();
            hostNames.clear();
        });
    }

    private <T> CompletableFuture<T> onLoop(Consumer<CompletableFuture<T>> start) {
        CompletableFuture<T> result = new CompletableFuture<>();
        if (manager.inLoop()) {
            manager.requireOpen("look up a name");
            start.accept(result);
        } else {
            manager.post(() -> start.accept(result));
        }
        return result;
    }

    /** Fails the future of somebody who asked for addresses. */
    static void fail(CompletableFuture<?> result, ConnectionError error) {
        result.completeExceptionally(new LookupException(error));
    }
}
