package dev.meerkat.tls;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * A value that can be loaded anew while it is in use: a certificate that was renewed, a list of authorities from which
 * one was removed.
 *
 * <pre>{@code
 * Reloadable<TlsIdentity> identity = Reloadable.of(() -> TlsIdentity.of(Path.of("server.pem")));
 * TlsOptions tls = TlsOptions.builder().identity(identity).build();
 * …
 * identity.reload();                        // the file was replaced
 * }</pre>
 *
 * <p>Connections that are open live on. Handshakes that begin afterwards use the new value, and none of them resumes a
 * session of the old one: who is no longer trusted cannot come back by that door.
 *
 * @param <T> what is loaded; immutable
 */
public final class Reloadable<T> {
    private final Supplier<? extends T> loader;
    private final AtomicLong tickets = new AtomicLong();
    private final AtomicReference<Loaded<T>> current;

    private record Loaded<T>(long ticket, T value) {}

    private Reloadable(Supplier<? extends T> loader) {
        this.loader = loader;
        this.current = new AtomicReference<>(new Loaded<>(0, load(loader)));
    }

    /**
     * Loads a value for the first time.
     *
     * @param loader what loads it, for instance from a file; it may block
     * @param <T> the type of the value
     * @return the value, to be loaded anew at will
     * @throws RuntimeException whatever the loader throws
     */
    public static <T> Reloadable<T> of(Supplier<? extends T> loader) {
        return new Reloadable<>(loader);
    }

    /**
     * Callable from any thread: the value that was loaded last.
     *
     * @return the value
     */
    public T current() {
        return Objects.requireNonNull(current.get()).value;
    }

    /**
     * Callable from any thread: loads the value anew, on this thread. As a loader may block, do it away from a loop.
     * When two threads load at once, the one that began last wins.
     *
     * @return the value that holds from now on
     * @throws RuntimeException whatever the loader throws; then the old value stays
     */
    public T reload() {
        long ticket = tickets.incrementAndGet();
        Loaded<T> loaded = new Loaded<>(ticket, load(loader));
        current.accumulateAndGet(loaded, (old, fresh) -> fresh.ticket > old.ticket ? fresh : old);
        return current();
    }

    private static <T> T load(Supplier<? extends T> loader) {
        return Objects.requireNonNull(loader.get(), "loaded value");
    }

    @Override
    public String toString() {
        return "Reloadable(" + current() + ")";
    }
}
