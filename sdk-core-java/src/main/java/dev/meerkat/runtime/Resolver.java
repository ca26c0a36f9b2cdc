package dev.meerkat.runtime;

import dev.meerkat.internal.check.Ranges;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Turns host names into addresses, and back, without ever blocking the loop.
 *
 * <p>A resolver of one method is enough; whoever asks for IPv6 and IPv4 addresses apart overrides {@link #lookUp} too.
 * The manager keeps answers for as long as they hold, asks for a name once however many wait for it, and stops waiting
 * after a time-out of its own; a resolver needs none of that.
 */
@FunctionalInterface
public interface Resolver {
    /**
     * Looks a name up. The future may be shared with others: the manager never cancels or completes it.
     *
     * @param name a host name; never an address literal and never {@code localhost}, which the manager knows itself
     * @return a future completed on any thread (the manager hops onto its loop) with the addresses in the order in
     *     which to try them, or exceptionally: with an {@link UnknownHostException} if the name has none, which the
     *     manager remembers for a while, or with anything else if that could not be found out
     */
    CompletableFuture<Answer> resolve(String name);

    /**
     * Looks a name up; what the manager calls. By default one call of {@link #resolve}, which is not told when nobody
     * waits any more.
     *
     * @param name as for {@link #resolve}
     * @return the question or questions that are now under way; failures as for {@link #resolve}
     */
    default Lookup lookUp(String name) {
        return new Lookup.Together(Question.of(resolve(name)));
    }

    /**
     * Looks up the name of an address. By default a resolver knows none.
     *
     * @param address an IPv4 or IPv6 address
     * @return the question; its answer fails with an {@link UnknownHostException} if the address has no name
     */
    default Question<HostName> reverse(InetAddress address) {
        return Question.of(CompletableFuture.failedFuture(
                new UnknownHostException("this resolver knows no names of addresses: " + address.getHostAddress())));
    }

    /**
     * Looks up the canonical name of this host, with its domain where that is known. By default a resolver does not
     * know it.
     *
     * @return the question; its answer fails with an {@link UnknownHostException} if this host has no name
     */
    default Question<HostName> canonicalHostName() {
        return Question.of(
                CompletableFuture.failedFuture(new UnknownHostException("this resolver does not know where it is")));
    }

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
            Ranges.notNegative("timeToLive", timeToLive);
        }
    }

    /**
     * The name of one address, or of this host.
     *
     * @param name the name, without a dot at its end
     * @param timeToLive how long the answer holds; zero means that it must not be kept
     */
    record HostName(String name, Duration timeToLive) {
        // Rejects an empty name: an address that has none is a failure.
        public HostName {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("a name is not empty");
            }
            Ranges.notNegative("timeToLive", timeToLive);
        }
    }

    /**
     * Something that a name server was asked.
     *
     * @param answer completed on any thread, once the answer or a failure is there
     * @param abandon run on the loop thread, at most once, if nobody waits for the answer any more: because its time is
     *     over, because whoever asked gave up, or because the manager is closed. Must not block
     * @param <T> what is answered
     */
    record Question<T>(CompletableFuture<T> answer, Runnable abandon) {
        // Rejects a question without one of the two.
        public Question {
            Objects.requireNonNull(answer, "answer");
            Objects.requireNonNull(abandon, "abandon");
        }

        /**
         * A question that cannot be abandoned: its answer comes, or does not, and is then of no use.
         *
         * @param answer the answer, possibly shared with others
         * @param <T> what is answered
         * @return the question
         */
        public static <T> Question<T> of(CompletableFuture<T> answer) {
            return new Question<>(answer, () -> {});
        }

        /**
         * A question that is abandoned by cancelling its future, which therefore belongs to nobody else.
         *
         * @param answer the answer, of this question alone
         * @param <T> what is answered
         * @return the question
         */
        public static <T> Question<T> cancellable(CompletableFuture<T> answer) {
            return new Question<>(answer, () -> answer.cancel(true));
        }
    }

    /** How a name is being looked up: with one question, or with one for each family of addresses. */
    sealed interface Lookup {
        /**
         * One question whose answer holds addresses of both families.
         *
         * @param all the question
         */
        record Together(Question<Answer> all) implements Lookup {}

        /**
         * Two questions, asked at the same time, whose answers arrive one after the other (RFC 8305, section 3). A name
         * without addresses of one family is an {@link UnknownHostException} there.
         *
         * @param ipv6 asks for IPv6 addresses (AAAA records)
         * @param ipv4 asks for IPv4 addresses (A records)
         */
        record Separate(Question<Answer> ipv6, Question<Answer> ipv4) implements Lookup {}
    }
}
