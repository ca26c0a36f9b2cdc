package dev.meerkat.testkit;

import dev.meerkat.testkit.internal.Names.Records;
import dev.meerkat.testkit.internal.Times;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The addresses of one family that a {@link SimName} has, and how a name server answers who asks for them. */
public final class SimRecords {
    private final Records<InetAddress> records;

    SimRecords(Records<InetAddress> records) {
        this.records = records;
    }

    /**
     * Sets the addresses. Look-ups that are answered from now on tell them.
     *
     * @param literals IP addresses in the order in which they are answered; without any, the name has none of this
     *     family
     * @return these records
     * @throws dev.meerkat.MalformedAddressException if one is not an IP address
     */
    public SimRecords addresses(String... literals) {
        List<InetAddress> values = new ArrayList<>();
        for (String literal : literals) {
            values.add(SimName.literal(literal));
        }
        records.set(values);
        return this;
    }

    /**
     * Sets how long an answer holds; 30 s if nothing is said. That there are no addresses holds as long as the client
     * wants.
     *
     * @param span how long, zero for an answer that must not be kept
     * @return these records
     */
    public SimRecords timeToLive(Duration span) {
        records.timeToLive(span);
        return this;
    }

    /**
     * Sets how long an answer takes; no time if nothing is said.
     *
     * @param span how long
     * @return these records
     */
    public SimRecords takes(Duration span) {
        records.delay(Times.nanos(span));
        return this;
    }

    /**
     * Has the name server fail (SERVFAIL) instead of answering.
     *
     * @return these records
     */
    public SimRecords fails() {
        records.fail();
        return this;
    }

    /**
     * Has the name server never answer who asks from now on.
     *
     * @return these records
     */
    public SimRecords neverAnswers() {
        records.beSilent();
        return this;
    }

    void set(List<InetAddress> values) {
        records.set(values);
    }
}
