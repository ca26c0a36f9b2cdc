package dev.meerkat.runtime;

import java.util.Objects;

/**
 * Everything an event manager takes from the world outside it, in one immutable object.
 *
 * <p>A manager reads no clock, opens no socket, draws no random number, starts no thread and looks up no name except
 * through these six. In production they are the JDK's (a {@code Selector} and its channels); in a test they are the
 * simulator's, and the very same manager runs on virtual time over a virtual network.
 *
 * <p>One runtime serves one manager, because a {@link Transport} belongs to one loop. The manager closes it.
 *
 * @param transport sockets and readiness
 * @param time the monotonic and the wall clock
 * @param resolver host names to addresses
 * @param entropy named random streams
 * @param workers threads for blocking work and for the loop itself
 * @param probe observation and choice points; {@link Probe#NONE} in production
 */
public record ManagerRuntime(
        Transport transport, TimeSource time, Resolver resolver, Entropy entropy, Workers workers, Probe probe) {

    // Rejects a runtime with a missing part.
    public ManagerRuntime {
        Objects.requireNonNull(transport, "transport");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(resolver, "resolver");
        Objects.requireNonNull(entropy, "entropy");
        Objects.requireNonNull(workers, "workers");
        Objects.requireNonNull(probe, "probe");
    }

    /**
     * Returns this runtime with another resolver, for instance one with a fixed table of names.
     *
     * @param replacement the resolver to use
     * @return a new runtime that shares the five other parts
     */
    public ManagerRuntime withResolver(Resolver replacement) {
        return new ManagerRuntime(transport, time, replacement, entropy, workers, probe);
    }

    /**
     * Returns this runtime with another probe, for instance one that counts loop turns.
     *
     * @param replacement the probe to use
     * @return a new runtime that shares the five other parts
     */
    public ManagerRuntime withProbe(Probe replacement) {
        return new ManagerRuntime(transport, time, resolver, entropy, workers, replacement);
    }
}
