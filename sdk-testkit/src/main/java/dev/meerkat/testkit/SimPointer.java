package dev.meerkat.testkit;

import dev.meerkat.testkit.internal.Names.Records;
import dev.meerkat.testkit.internal.Times;
import java.time.Duration;
import java.util.List;

/**
 * The name of an address in a {@link SimWorld} (PTR record). An address of a host bears the host's name as long as
 * nothing else is said.
 */
public final class SimPointer {
    private final Records<String> records;

    SimPointer(Records<String> records) {
        this.records = records;
    }

    /**
     * Gives the address a name.
     *
     * @param name the name; nobody checks that it leads back to the address
     * @return this pointer
     */
    public SimPointer is(String name) {
        records.set(List.of(name));
        return this;
    }

    /**
     * Has the address no name.
     *
     * @return this pointer
     */
    public SimPointer doesNotExist() {
        records.set(List.of());
        return this;
    }

    /**
     * Sets how long an answer holds; 30 s if nothing is said.
     *
     * @param span how long, zero for an answer that must not be kept
     * @return this pointer
     */
    public SimPointer timeToLive(Duration span) {
        records.timeToLive(span);
        return this;
    }

    /**
     * Sets how long an answer takes; no time if nothing is said.
     *
     * @param span how long
     * @return this pointer
     */
    public SimPointer takes(Duration span) {
        records.delay(Times.nanos(span));
        return this;
    }

    /**
     * Has the name server fail (SERVFAIL) instead of answering.
     *
     * @return this pointer
     */
    public SimPointer fails() {
        records.fail();
        return this;
    }

    /**
     * Has the name server never answer who asks from now on.
     *
     * @return this pointer
     */
    public SimPointer neverAnswers() {
        records.beSilent();
        return this;
    }
}
