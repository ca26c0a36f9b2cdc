package dev.meerkat.runtime;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Turns host names into addresses without ever blocking the loop. */
@FunctionalInterface
public interface Resolver {
    /**
     * Looks a name up.
     *
     * @param name a host name; never an address literal, which the manager reads itself
     * @return a future completed on any thread (the manager hops onto its loop) with the addresses in the order in
     *     which to try them, or exceptionally with an {@link java.net.UnknownHostException} if the name has none;
     *     cancelling it abandons the look-up
     */
    CompletableFuture<Answer> resolve(String name);

    /**
     * The addresses of one name.
     *
     * @param addresses at least one address, in the order in which to try them
     * @param timeToLive how long the answer holds; zero means that it must not be kept
     */
    record Answer(List<InetAddress> addresses, Duration timeToLive) {
        // Rejects an answer without addresses: a name that has none is a failure, not an empty answer.
        public Answer {
            addresses = List.copyOf(addresses);
            if (addresses.isEmpty()) {
                throw new IllegalArgumentException("an answer holds at least one address");
            }
            if (timeToLive.isNegative()) {
                throw new IllegalArgumentException("timeToLive must not be negative: " + timeToLive);
            }
        }
    }
}
