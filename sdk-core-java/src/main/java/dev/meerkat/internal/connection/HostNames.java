package dev.meerkat.internal.connection;

import dev.meerkat.ResolverOptions;
import dev.meerkat.internal.names.NameCache;
import dev.meerkat.runtime.Resolver;
import dev.meerkat.runtime.Resolver.HostName;
import dev.meerkat.runtime.Resolver.Question;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The names of addresses, and that of this host: looked up once for all who ask, and kept. Loop thread only. */
final class HostNames {
    /** Stands for this host among the addresses that are asked for. */
    private static final Object THIS_HOST = new Object();

    /** A name, or that there is none. */
    private record Known(Optional<String> name) {}

    /** One question, and the futures that wait for it. */
    private static final class Shared {
        final List<CompletableFuture<Optional<String>>> waiting = new ArrayList<>(1);

        @Nullable
        Asking<HostName> asking;

        void tell(Optional<String> name) {
            waiting.forEach(each -> each.complete(name));
        }
    }

    private final RealEventManager manager;
    private final RealNames names;
    private final ResolverOptions options;
    private final NameCache<Object, Known> cache;
    private final Map<Object, Shared> underWay = new HashMap<>();
    private @Nullable Known thisHost;

    HostNames(RealEventManager manager, RealNames names, ResolverOptions options) {
        this.manager = manager;
        this.names = names;
        this.options = options;
        this.cache = new NameCache<>(options.cacheLimit());
    }

    void nameOf(InetAddress address, CompletableFuture<Optional<String>> result) {
        find(address, cache.get(address, manager.loop().now()), result);
    }

    void ofThisHost(CompletableFuture<Optional<String>> result) {
        find(THIS_HOST, thisHost, result);
    }

    private void find(Object key, @Nullable Known kept, CompletableFuture<Optional<String>> result) {
        if (kept != null) {
            result.complete(kept.name);
            return;
        }
        Shared present = underWay.get(key);
        if (present != null) {
            present.waiting.add(result);
        } else if (underWay.size() >= options.maxLookups()) {
            result.complete(Optional.empty());
        } else {
            begin(key, result);
        }
        var unused = result.whenComplete((name, failure) -> {
            if (result.isCancelled()) {
                manager.postInternal(() -> leave(key, result));
            }
        });
    }

    private void begin(Object key, CompletableFuture<Optional<String>> result) {
        Shared shared = new Shared();
        shared.waiting.add(result);
        underWay.put(key, shared);
        Resolver resolver = manager.runtime().resolver();
        Question<HostName> question = Asking.ask(
                () -> key instanceof InetAddress address ? resolver.reverse(address) : resolver.canonicalHostName());
        shared.asking = names.ask(question, (answer, failure) -> {
            underWay.remove(key);
            shared.tell(keep(key, answer, failure));
        });
    }

    private Optional<String> keep(Object key, @Nullable HostName answer, @Nullable Throwable failure) {
        if (key == THIS_HOST) {
            Optional<String> name = Optional.ofNullable(answer).map(HostName::name);
            thisHost = name.isPresent() ? new Known(name) : null;
            return name;
        }
        long now = manager.loop().now();
        if (answer != null) {
            Optional<String> name = Optional.of(answer.name());
            cache.put(key, new Known(name), now, Nanos.of(RealNames.least(answer.timeToLive(), options.maximumTtl())));
            return name;
        }
        if (failure instanceof UnknownHostException) {
            cache.put(key, new Known(Optional.empty()), now, Nanos.of(options.negativeTtl()));
        }
        return Optional.empty();
    }

    private void leave(Object key, CompletableFuture<Optional<String>> result) {
        Shared shared = underWay.get(key);
        if (shared != null && shared.waiting.removeIf(each -> each == result) && shared.waiting.isEmpty()) {
            underWay.remove(key);
            end(shared);
        }
    }

    void clear() {
        cache.clear();
        thisHost = null;
    }

    void close() {
        List<Shared> left = List.copyOf(underWay.values());
        underWay.clear();
        left.forEach(each -> {
            end(each);
            each.tell(Optional.empty());
        });
    }

    private static void end(Shared shared) {
        Asking<HostName> asking = shared.asking;
        if (asking != null) {
            asking.giveUp();
        }
    }
}
