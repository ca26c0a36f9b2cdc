package dev.meerkat.internal.names;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Address;
import dev.meerkat.AddressFamilies;
import dev.meerkat.internal.names.HappyEyeballs.Plan;
import dev.meerkat.internal.names.HappyEyeballs.Step;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 8305 as a table: what happened when, and what is done then. Times are milliseconds here. */
class HappyEyeballsTest {
    private static final int ATTEMPT_DELAY = 250;
    private static final int RESOLUTION_DELAY = 50;
    private static final int ATTEMPT_TIMEOUT = 10_000;

    private HappyEyeballs eyes = eyes(AddressFamilies.IPV6_FIRST, 8);
    private final List<String> log = new ArrayList<>();
    private long clock;

    private static HappyEyeballs eyes(AddressFamilies families, int parallel) {
        return new HappyEyeballs(new Plan(families, ATTEMPT_DELAY, RESOLUTION_DELAY, ATTEMPT_TIMEOUT, parallel));
    }

    private static List<InetAddress> addresses(String... literals) {
        List<InetAddress> found = new ArrayList<>();
        for (String literal : literals) {
            found.add(new Address("tcp", literal, 0).literal().orElseThrow());
        }
        return found;
    }

    private static String text(InetAddress address) {
        return new Address("tcp", address.getHostAddress(), 0).host();
    }

    /** Does everything that is due until a time, and notes it. */
    private void until(long end) {
        long now = clock;
        while (true) {
            Step step = eyes.next(now);
            if (step instanceof Step.Begin begin) {
                log.add(now + " begin " + text(begin.address()));
            } else if (step instanceof Step.TimeOut timeOut) {
                log.add(now + " time out " + timeOut.attempt());
            } else if (step instanceof Step.Wait wait && wait.until() <= end) {
                now = wait.until();
            } else {
                if (step instanceof Step.Exhausted) {
                    log.add(now + " exhausted");
                }
                clock = end;
                return;
            }
        }
    }

    private void answer(Part part, String... literals) {
        eyes.answered(part, addresses(literals), clock);
    }

    private void expect(String... lines) {
        assertEquals(List.of(lines), log);
    }

    @Nested
    class TheFirstAttempt {
        @Test
        void beginsAtOnceWhenThePreferredFamilyIsKnown() {
            answer(Part.IPV6, "2001:db8::1");
            until(0);
            expect("0 begin 2001:db8::1");
        }

        @Test
        void waitsTheResolutionDelayForThePreferredFamily() {
            until(7);
            answer(Part.IPV4, "192.0.2.1");
            until(56);
            expect();
            until(57);
            expect("57 begin 192.0.2.1");
        }

        @Test
        void isOfThePreferredFamilyIfThatComesWithinTheDelay() {
            answer(Part.IPV4, "192.0.2.1");
            until(49);
            answer(Part.IPV6, "2001:db8::1");
            until(49);
            expect("49 begin 2001:db8::1");
        }

        @Test
        void doesNotWaitForAFamilyThatIsKnownToHaveNothing() {
            answer(Part.IPV4, "192.0.2.1");
            until(20);
            answer(Part.IPV6);
            until(20);
            expect("20 begin 192.0.2.1");
        }

        @Test
        void doesNotWaitWhenTheOtherFamilyHadNothingBefore() {
            answer(Part.IPV6);
            until(5);
            answer(Part.IPV4, "192.0.2.1");
            until(5);
            expect("5 begin 192.0.2.1");
        }

        @Test
        void doesNotWaitForWhatIsNotPreferred() {
            eyes = eyes(AddressFamilies.IPV4_FIRST, 8);
            answer(Part.IPV4, "192.0.2.1");
            until(0);
            expect("0 begin 192.0.2.1");
        }

        @Test
        void takesWhatComesFirstIfAsked() {
            eyes = eyes(AddressFamilies.AS_ANSWERED, 8);
            answer(Part.IPV4, "192.0.2.1");
            until(0);
            answer(Part.IPV6, "2001:db8::1");
            until(250);
            expect("0 begin 192.0.2.1", "250 begin 2001:db8::1");
        }
    }

    @Nested
    class TheNextAttempt {
        @Test
        void beginsAfterTheAttemptDelayAndNotBefore() {
            answer(Part.ALL, "2001:db8::1", "192.0.2.1");
            until(249);
            expect("0 begin 2001:db8::1");
            until(250);
            expect("0 begin 2001:db8::1", "250 begin 192.0.2.1");
        }

        @Test
        void beginsAtOnceWhenOneHasFailed() {
            answer(Part.ALL, "2001:db8::1", "192.0.2.1", "192.0.2.2");
            until(30);
            eyes.failed(0);
            until(100);
            expect("0 begin 2001:db8::1", "30 begin 192.0.2.1");
            until(280);
            expect("0 begin 2001:db8::1", "30 begin 192.0.2.1", "280 begin 192.0.2.2");
        }

        @Test
        void isOfTheOtherFamilyAsLongAsThereIsOne() {
            answer(Part.ALL, "2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2");
            until(1000);
            expect(
                    "0 begin 2001:db8::1",
                    "250 begin 192.0.2.1",
                    "500 begin 2001:db8::2",
                    "750 begin 192.0.2.2",
                    "1000 begin 2001:db8::3");
        }

        @Test
        void takesUpAFamilyThatIsAnsweredLate() {
            answer(Part.IPV4, "192.0.2.1", "192.0.2.2", "192.0.2.3");
            until(320);
            expect("50 begin 192.0.2.1", "300 begin 192.0.2.2");
            answer(Part.IPV6, "2001:db8::1");
            until(800);
            expect("50 begin 192.0.2.1", "300 begin 192.0.2.2", "550 begin 2001:db8::1", "800 begin 192.0.2.3");
        }

        @Test
        void waitsForALateFamilyWhenAllElseHasFailed() {
            answer(Part.IPV4, "192.0.2.1");
            until(60);
            eyes.failed(0);
            until(400);
            expect("50 begin 192.0.2.1");
            answer(Part.IPV6, "2001:db8::1");
            until(400);
            expect("50 begin 192.0.2.1", "400 begin 2001:db8::1");
        }

        @Test
        void comesNoMoreOftenThanInParallelAllowed() {
            eyes = eyes(AddressFamilies.IPV6_FIRST, 2);
            answer(Part.ALL, "192.0.2.1", "192.0.2.2", "192.0.2.3");
            until(9_999);
            expect("0 begin 192.0.2.1", "250 begin 192.0.2.2");
            until(10_000);
            expect("0 begin 192.0.2.1", "250 begin 192.0.2.2", "10000 time out 0", "10000 begin 192.0.2.3");
        }

        @Test
        void comesAfterTheOneBeforeIfOnlyOneIsAllowed() {
            eyes = eyes(AddressFamilies.IPV6_FIRST, 1);
            answer(Part.ALL, "2001:db8::1", "192.0.2.1");
            until(20_000);
            expect(
                    "0 begin 2001:db8::1",
                    "10000 time out 0",
                    "10000 begin 192.0.2.1",
                    "20000 time out 1",
                    "20000 exhausted");
        }
    }

    @Nested
    class TheEnd {
        @Test
        void comesWhenAllHaveFailedAndNoAnswerIsOutstanding() {
            answer(Part.ALL, "2001:db8::1", "192.0.2.1");
            until(250);
            eyes.failed(1);
            eyes.failed(0);
            until(250);
            expect("0 begin 2001:db8::1", "250 begin 192.0.2.1", "250 exhausted");
            assertFalse(eyes.foundNothing());
        }

        @Test
        void comesWhenThereIsNoAddress() {
            answer(Part.IPV6);
            until(0);
            expect();
            answer(Part.IPV4);
            until(0);
            expect("0 exhausted");
            assertTrue(eyes.foundNothing());
        }

        @Test
        void comesAtOnceWhenTheOnlyWantedFamilyHasNothing() {
            eyes = eyes(AddressFamilies.IPV6_ONLY, 8);
            answer(Part.IPV6);
            until(0);
            expect("0 exhausted");
        }

        @Test
        void eachAttemptHasItsOwnTime() {
            answer(Part.ALL, "2001:db8::1", "192.0.2.1");
            until(20_000);
            expect(
                    "0 begin 2001:db8::1",
                    "250 begin 192.0.2.1",
                    "10000 time out 0",
                    "10250 time out 1",
                    "10250 exhausted");
        }
    }

    @Nested
    class Addresses {
        private List<String> order(AddressFamilies families, String... literals) {
            eyes = eyes(families, HappyEyeballs.MAX_ADDRESSES);
            answer(Part.ALL, literals);
            until(ATTEMPT_TIMEOUT - 1);
            return log.stream().map(line -> line.split(" ")[2]).toList();
        }

        @ParameterizedTest
        @CsvSource({
            "IPV6_FIRST,  2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2",
            "IPV4_FIRST,  192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2",
            "AS_ANSWERED, 192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2",
            "IPV6_ONLY,   2001:db8::1 2001:db8::2",
            "IPV4_ONLY,   192.0.2.1 192.0.2.2"
        })
        void alternateFromThePreferredFamilyOn(AddressFamilies families, String expected) {
            assertEquals(
                    List.of(expected.split(" ")),
                    order(families, "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"));
        }

        @ParameterizedTest
        @CsvSource({
            "6to4,               2002:c000:201::1",
            "Teredo,             2001::1",
            "6bone,              3ffe::1",
            "site-local,         fec0::1",
            "IPv4-compatible,    ::192.0.2.9",
            "link-local no zone, fe80::1"
        })
        void thatRarelyWorkComeLast(String what, String literal) {
            List<String> tried = order(AddressFamilies.IPV6_FIRST, literal, "192.0.2.1", "2001:db8::1", "fc00::1");
            assertEquals(List.of("2001:db8::1", "192.0.2.1", "fc00::1"), tried.subList(0, 3), what);
            assertEquals(4, tried.size());
        }

        @Test
        void thatComeTwiceAreTriedOnce() {
            assertEquals(List.of("192.0.2.1"), order(AddressFamilies.IPV6_FIRST, "192.0.2.1", "192.0.2.1"));
        }

        @Test
        void areTriedUpToTheLimitAndNoFurther() {
            for (int more = 0; more <= 1; more++) {
                log.clear();
                clock = 0;
                String[] literals = new String[HappyEyeballs.MAX_ADDRESSES + more];
                for (int i = 0; i < literals.length; i++) {
                    literals[i] = "10.0.0." + i;
                }
                eyes = eyes(AddressFamilies.IPV6_FIRST, literals.length);
                answer(Part.ALL, literals);
                for (int i = 0; i < literals.length; i++) {
                    until(clock);
                    eyes.failed(i);
                }
                assertEquals(
                        HappyEyeballs.MAX_ADDRESSES,
                        log.stream().filter(line -> line.contains("begin")).count());
            }
        }
    }
}
