package dev.meerkat.internal.names;

import dev.meerkat.AddressFamilies;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which address of a name is tried when, as RFC 8305 (Happy Eyeballs, version 2) has it. Is told what happened,
 * answers what to do now; opens no socket, reads no clock.
 *
 * <p>One object serves one connect. Times are monotonic nanoseconds.
 */
public final class HappyEyeballs {
    /**
     * How many addresses of a name are tried at most: a hostile name server may answer with thousands. At four attempts
     * a second this is sixteen seconds' worth, and no honest name has as many.
     */
    public static final int MAX_ADDRESSES = 64;

    /**
     * How to go about it.
     *
     * @param families which addresses, and which first
     * @param attemptDelay how long after one attempt the next begins although the first has not failed
     * @param resolutionDelay how long the family to be tried first is waited for once the other is known
     * @param attemptTimeout how long one attempt may take
     * @param parallelAttempts how many attempts may be under way at once
     */
    public record Plan(
            AddressFamilies families,
            long attemptDelay,
            long resolutionDelay,
            long attemptTimeout,
            int parallelAttempts) {}

    /** What to do. */
    public sealed interface Step {
        /**
         * Begin an attempt.
         *
         * @param attempt its number, from 0
         * @param address whom to connect to
         */
        record Begin(int attempt, InetAddress address) implements Step {}

        /**
         * End an attempt whose time is over.
         *
         * @param attempt its number
         */
        record TimeOut(int attempt) implements Step {}

        /**
         * Nothing now.
         *
         * @param until when to ask again if nothing happens before; {@link Long#MAX_VALUE} for never
         */
        record Wait(long until) implements Step {}

        /** Every address was tried in vain, or there is none. */
        record Exhausted() implements Step {}
    }

    private final Plan plan;
    private final ArrayDeque<InetAddress> ipv6 = new ArrayDeque<>();
    private final ArrayDeque<InetAddress> ipv4 = new ArrayDeque<>();
    private final ArrayDeque<InetAddress> lastResort = new ArrayDeque<>();
    private final Set<InetAddress> known = new HashSet<>();
    /** When each attempt under way began, oldest first. */
    private final Map<Integer, Long> underWay = new LinkedHashMap<>();

    private boolean awaitsIpv6;
    private boolean awaitsIpv4;
    /** The family that is tried next, if there is a choice; null until the resolver has chosen. */
    private @Nullable Part turn;

    private long firstAnswerAt;
    private long nextBeginsAt = Long.MIN_VALUE;
    private int attempts;

    /**
     * Begins to wait for addresses.
     *
     * @param plan how to go about it
     */
    public HappyEyeballs(Plan plan) {
        this.plan = plan;
        awaitsIpv6 = plan.families != AddressFamilies.IPV4_ONLY;
        awaitsIpv4 = plan.families != AddressFamilies.IPV6_ONLY;
        turn = switch (plan.families) {
            case IPV6_FIRST, IPV6_ONLY -> Part.IPV6;
            case IPV4_FIRST, IPV4_ONLY -> Part.IPV4;
            case AS_ANSWERED -> null;
        };
    }

    /**
     * Addresses have arrived, or will not.
     *
     * @param part which of them
     * @param addresses in the order in which to try them; empty if there are none or the look-up failed
     * @param now the time
     */
    public void answered(Part part, List<InetAddress> addresses, long now) {
        boolean none = known.isEmpty();
        for (InetAddress address : addresses) {
            boolean isIpv6 = address instanceof Inet6Address;
            boolean wanted =
                    isIpv6 ? plan.families != AddressFamilies.IPV4_ONLY : plan.families != AddressFamilies.IPV6_ONLY;
            if (wanted && known.size() < MAX_ADDRESSES && known.add(address)) {
                if (turn == null) {
                    turn = isIpv6 ? Part.IPV6 : Part.IPV4;
                }
                (Ranking.isLastResort(address) ? lastResort : isIpv6 ? ipv6 : ipv4).add(address);
            }
        }
        if (none && !known.isEmpty()) {
            firstAnswerAt = now;
        }
        awaitsIpv6 &= part == Part.IPV4;
        awaitsIpv4 &= part == Part.IPV6;
    }

    /**
     * An attempt has failed; the next may begin at once.
     *
     * @param attempt its number
     */
    public void failed(int attempt) {
        if (underWay.remove(attempt) != null) {
            nextBeginsAt = Long.MIN_VALUE;
        }
    }

    /**
     * Whether no address is known, and none will be.
     *
     * @return true if the look-up is over and brought nothing that may be tried
     */
    public boolean foundNothing() {
        return known.isEmpty() && !awaitsIpv6 && !awaitsIpv4;
    }

    /**
     * Decides. To be asked again until the answer is to wait, or that all is over.
     *
     * @param now the time
     * @return what to do
     */
    public Step next(long now) {
        long earliest = Long.MAX_VALUE;
        if (!underWay.isEmpty()) {
            Map.Entry<Integer, Long> oldest = underWay.entrySet().iterator().next();
            earliest = plus(oldest.getValue(), plan.attemptTimeout);
            if (earliest <= now) {
                int attempt = oldest.getKey();
                failed(attempt);
                return new Step.TimeOut(attempt);
            }
        }
        if (!hasUntried()) {
            boolean over = underWay.isEmpty() && !awaitsIpv6 && !awaitsIpv4;
            return over ? new Step.Exhausted() : new Step.Wait(earliest);
        }
        if (underWay.size() >= plan.parallelAttempts) {
            return new Step.Wait(earliest);
        }
        long begins = attempts == 0 ? firstBeginsAt() : nextBeginsAt;
        if (begins > now) {
            return new Step.Wait(Math.min(begins, earliest));
        }
        int attempt = attempts++;
        underWay.put(attempt, now);
        nextBeginsAt = plus(now, plan.attemptDelay);
        return new Step.Begin(attempt, take());
    }

    /** The family to be tried first is waited for, for a moment (RFC 8305, section 3). */
    private long firstBeginsAt() {
        boolean firstIsMissing = turn == Part.IPV6 ? awaitsIpv6 && ipv6.isEmpty() : awaitsIpv4 && ipv4.isEmpty();
        boolean waits = firstIsMissing && plan.families != AddressFamilies.AS_ANSWERED;
        return waits ? plus(firstAnswerAt, plan.resolutionDelay) : Long.MIN_VALUE;
    }

    private boolean hasUntried() {
        return !ipv6.isEmpty() || !ipv4.isEmpty() || !lastResort.isEmpty();
    }

    /** The families take turns; whichever has nothing left leaves its turn to the other. */
    private InetAddress take() {
        boolean takesIpv6 = turn == Part.IPV6 ? !ipv6.isEmpty() : ipv4.isEmpty();
        ArrayDeque<InetAddress> source = takesIpv6 ? ipv6 : ipv4;
        turn = takesIpv6 ? Part.IPV4 : Part.IPV6;
        return source.isEmpty() ? lastResort.remove() : source.remove();
    }

    private static long plus(long time, long nanos) {
        return nanos >= Long.MAX_VALUE - 1 - Math.max(0, time) ? Long.MAX_VALUE - 1 : time + nanos;
    }
}
