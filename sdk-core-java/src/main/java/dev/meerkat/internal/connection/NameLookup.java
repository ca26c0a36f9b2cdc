package dev.meerkat.internal.connection;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.internal.names.Part;
import dev.meerkat.runtime.Resolver.Answer;
import dev.meerkat.runtime.Resolver.Lookup;
import dev.meerkat.runtime.Resolver.Question;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one look-up of a name that is under way, and everybody who waits for it. Who gives up is not waited for; when
 * nobody is left the question is abandoned.
 */
final class NameLookup {
    /** Hears of the addresses of a name, all at once or one family after the other. */
    @FunctionalInterface
    interface Waiter {
        /**
         * Called on the loop thread, once for each part.
         *
         * @param part which addresses
         * @param addresses the addresses, empty if there are none
         * @param error why there are none, or null if there are
         */
        void answered(Part part, List<InetAddress> addresses, @Nullable ConnectionError error);
    }

    /** One part of what is known of a name, and for how long. */
    record Known(
            Part part,
            List<InetAddress> addresses,
            Duration timeToLive,
            @Nullable ConnectionError error) {
        void tell(Waiter waiter) {
            waiter.answered(part, addresses, error);
        }
    }

    private final RealNames names;
    private final String key;
    private final List<Waiter> waiters = new ArrayList<>(1);
    private final List<Known> known = new ArrayList<>(2);
    private final List<Asking<Answer>> askings = new ArrayList<>(2);
    private int outstanding;

    NameLookup(RealNames names, String key) {
        this.names = names;
        this.key = key;
    }

    String key() {
        return key;
    }

    /** What has been answered so far; all of it once the look-up is over. */
    List<Known> known() {
        return known;
    }

    void begin(Lookup lookup) {
        if (lookup instanceof Lookup.Separate separate) {
            outstanding = 2;
            ask(Part.IPV6, separate.ipv6());
            ask(Part.IPV4, separate.ipv4());
        } else {
            outstanding = 1;
            ask(Part.ALL, ((Lookup.Together) lookup).all());
        }
    }

    private void ask(Part part, Question<Answer> question) {
        askings.add(names.ask(question, (answer, failure) -> answered(part, answer, failure)));
    }

    private void answered(Part part, @Nullable Answer answer, @Nullable Throwable failure) {
        Known found = answer != null
                ? new Known(part, answer.addresses(), answer.timeToLive(), null)
                : new Known(part, List.of(), Duration.ZERO, names.error(key, failure));
        known.add(found);
        if (--outstanding == 0) {
            names.over(this);
        }
        for (Waiter waiter : List.copyOf(waiters)) {
            found.tell(waiter);
        }
    }

    void join(Waiter waiter) {
        waiters.add(waiter);
        for (Known each : List.copyOf(known)) {
            each.tell(waiter);
        }
    }

    /** Somebody waits no longer, if he ever did. */
    void leave(Waiter waiter) {
        if (waiters.remove(waiter) && waiters.isEmpty() && outstanding > 0) {
            end();
        }
    }

    private void end() {
        outstanding = 0;
        askings.forEach(Asking::giveUp);
        names.abandoned(this);
    }

    /** Tells everybody that there will be no answer. */
    void fail(ConnectionError error) {
        boolean nothingKnown = known.isEmpty();
        end();
        for (Waiter waiter : List.copyOf(waiters)) {
            if (nothingKnown) {
                waiter.answered(Part.ALL, List.of(), error);
            } else {
                Part missing = known.get(0).part() == Part.IPV6 ? Part.IPV4 : Part.IPV6;
                waiter.answered(missing, List.of(), error);
            }
        }
    }
}
