package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.LookupException;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.ResolverOptions;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** N13: names of a world, and what a manager makes of them, to the nanosecond. */
class NamesTest {
    private static final Duration ATTEMPT_DELAY = Duration.ofMillis(250);
    private static final Duration RESOLUTION_DELAY = Duration.ofMillis(50);
    private static final Duration LOOKUP_TIMEOUT = ResolverOptions.DEFAULT.lookupTimeout();
    private static final Duration NEGATIVE_TTL = ResolverOptions.DEFAULT.negativeTtl();
    private static final Duration NANO = Duration.ofNanos(1);

    private final SimWorld world = SimWorld.open(SimConfig.DEFAULT);
    private final SimHost client = world.host("cli");
    private final SimHost server = world.host("srv");
    private final SimHost second = world.host("second");
    private final SimHost hole = world.host("hole");

    @AfterEach
    void nothingIsLeft() {
        world.close();
    }

    private static Duration millis(long count) {
        return Duration.ofMillis(count);
    }

    /** What became of a connect, and when. */
    private final class Attempt {
        private final Duration begun = world.elapsed();
        private final List<ConnectionError> failures = new ArrayList<>();
        private final List<Connection> opened = new ArrayList<>();
        private Duration took = Duration.ZERO;

        Attempt(ConnectOptions options) {
            client.connect("service:7", options, (connection, event) -> {
                if (event instanceof TcpEvent.Opened) {
                    opened.add(connection);
                    took = world.elapsed().minus(begun);
                } else if (event instanceof TcpEvent.ConnectFailed failed) {
                    failures.add(failed.error());
                    took = world.elapsed().minus(begun);
                }
            });
            world.await("the connect", () -> !opened.isEmpty() || !failures.isEmpty());
        }

        void reached(InetAddress address, Duration after) {
            assertEquals(List.of(), failures);
            InetSocketAddress peer = (InetSocketAddress) opened.get(0).remoteAddress();
            assertEquals(address.getHostAddress(), peer.getAddress().getHostAddress());
            assertEquals(after, took);
            opened.get(0).close();
            world.advance(Duration.ofSeconds(1));
        }

        ConnectionError failed(Kind kind, Duration after) {
            assertEquals(1, failures.size());
            assertEquals(kind, failures.get(0).kind(), failures.get(0)::toString);
            assertEquals(after, took);
            return failures.get(0);
        }
    }

    private Attempt connect() {
        return new Attempt(ConnectOptions.DEFAULT);
    }

    private SimName service() {
        return world.name("service");
    }

    private void serve() {
        server.listen(7, Programs::ignore);
        second.listen(7, Programs::ignore);
    }

    private List<String> addresses(String name) {
        CompletableFuture<List<InetAddress>> found = client.manager().names().addresses(name);
        return world.await(found).stream().map(InetAddress::getHostAddress).toList();
    }

    private Kind lookupFailure(String name) {
        CompletableFuture<List<InetAddress>> found = client.manager().names().addresses(name);
        CompletionException thrown = assertThrows(CompletionException.class, () -> world.await(found));
        return assertInstanceOf(LookupException.class, thrown.getCause())
                .error()
                .kind();
    }

    /** RFC 8305. */
    @Nested
    class HappyEyeballs {
        @Test
        void ipv6IsTakenIfItWorks() {
            serve();
            service().dualStack(server);
            connect().reached(server.ipv6(), Duration.ZERO);
        }

        @Test
        void ipv4IsTriedAfterTheAttemptDelayIfIpv6IsABlackHole() {
            serve();
            hole.vanish();
            service().addresses(hole.ipv6().getHostAddress(), server.ipv4().getHostAddress());
            connect().reached(server.ipv4(), ATTEMPT_DELAY);
        }

        @Test
        void theAttemptDelayIsAnOption() {
            serve();
            hole.vanish();
            service().addresses(hole.ipv6().getHostAddress(), server.ipv4().getHostAddress());
            for (Duration delay : List.of(millis(10), Duration.ofSeconds(2))) {
                new Attempt(ConnectOptions.builder().attemptDelay(delay).build()).reached(server.ipv4(), delay);
            }
            for (Duration delay :
                    List.of(millis(10).minus(NANO), Duration.ofSeconds(2).plus(NANO))) {
                ConnectOptions.Builder options = ConnectOptions.builder().attemptDelay(delay);
                assertThrows(IllegalArgumentException.class, options::build);
            }
        }

        @Test
        void whoAnswersFirstWins() {
            serve();
            world.link("cli", "second").latency(millis(150));
            service().addresses(second.ipv6().getHostAddress(), server.ipv4().getHostAddress());
            connect().reached(server.ipv4(), ATTEMPT_DELAY); // IPv6 would have taken 300 ms
            assertEquals(
                    List.of(),
                    world.holdings().stream()
                            .filter(line -> line.startsWith("cli/socket"))
                            .toList());
        }

        @Test
        void anAnswerBeforeTheNextAttemptSparesIt() {
            serve();
            world.link("cli", "second").latency(millis(100));
            service().addresses(second.ipv6().getHostAddress(), server.ipv4().getHostAddress());
            connect().reached(second.ipv6(), millis(200));
        }

        @Test
        void aRefusalStartsTheNextAttemptAtOnce() {
            serve();
            world.link("cli", "hole").latency(millis(5));
            service().addresses(hole.ipv6().getHostAddress(), server.ipv4().getHostAddress());
            connect().reached(server.ipv4(), millis(10));
        }

        @Test
        void anUnreachableAddressStartsTheNextAttemptAtOnce() {
            serve();
            service().addresses("2001:db8::1", server.ipv4().getHostAddress());
            connect().reached(server.ipv4(), Duration.ZERO);
        }

        @Test
        void slowIpv6AddressesAreWaitedForForTheResolutionDelay() {
            serve();
            service().dualStack(server);
            service().ipv6().takes(RESOLUTION_DELAY.plus(NANO));
            connect().reached(server.ipv4(), RESOLUTION_DELAY);
        }

        @Test
        void ipv6AddressesThatComeWithinTheResolutionDelayAreTried() {
            serve();
            service().dualStack(server);
            service().ipv6().takes(RESOLUTION_DELAY.minus(NANO));
            connect().reached(server.ipv6(), RESOLUTION_DELAY.minus(NANO));
        }

        @Test
        void ipv6AddressesThatNeverComeCostTheResolutionDelay() {
            serve();
            service().dualStack(server);
            service().ipv6().neverAnswers();
            connect().reached(server.ipv4(), RESOLUTION_DELAY);
        }

        @Test
        void slowIpv4AddressesAreNotWaitedFor() {
            serve();
            service().dualStack(server);
            service().ipv4().takes(Duration.ofSeconds(1));
            connect().reached(server.ipv6(), Duration.ZERO);
        }

        @Test
        void addressesThatComeLateAreTriedYet() {
            serve();
            service().addresses(hole.ipv4().getHostAddress(), server.ipv6().getHostAddress());
            service().ipv6().takes(Duration.ofSeconds(1));
            connect().reached(server.ipv6(), Duration.ofSeconds(1)); // refused at 50 ms
        }

        @Test
        void whenBothFamiliesFailBothAreTold() {
            hole.vanish();
            service().addresses(hole.ipv6().getHostAddress(), server.ipv4().getHostAddress());
            ConnectionError error = connect().failed(Kind.REFUSED, Duration.ofSeconds(10));
            assertEquals(
                    List.of(Kind.REFUSED, Kind.CONNECT_TIMEOUT),
                    error.attempts().stream().map(ConnectionError::kind).toList());
            assertTrue(error.message().contains(server.ipv4().getHostAddress()), error::message);
        }

        @Test
        void aFamilyThatCouldNotBeLookedUpIsToldIfTheOtherFails() {
            service().dualStack(server);
            service().ipv6().fails();
            ConnectionError error = connect().failed(Kind.REFUSED, Duration.ZERO);
            assertEquals(
                    List.of(Kind.REFUSED, Kind.LOOKUP_FAILED),
                    error.attempts().stream().map(ConnectionError::kind).toList());
        }
    }

    @Nested
    class WhatANameServerSays {
        @Test
        void aNameHasItsAddressesInOrderAndTheFamiliesTakeTurns() {
            service().addresses("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2");
            assertEquals(
                    List.of("2001:db8:0:0:0:0:0:1", "192.0.2.1", "2001:db8:0:0:0:0:0:2", "192.0.2.2"),
                    addresses("service"));
        }

        @Test
        void aNameThatDoesNotExistIsAnUnknownHost() {
            service().doesNotExist();
            connect().failed(Kind.UNKNOWN_HOST, Duration.ZERO);
        }

        @Test
        void aNameServerThatFailsIsAFailedLookUp() {
            service().fails();
            connect().failed(Kind.LOOKUP_FAILED, Duration.ZERO);
        }

        @Test
        void aNameServerThatNeverAnswersIsALookUpTimeOut() {
            service().neverAnswers();
            connect().failed(Kind.LOOKUP_TIMEOUT, LOOKUP_TIMEOUT);
        }

        @Test
        void aSlowAnswerIsWaitedFor() {
            serve();
            service().hosts(server).takes(LOOKUP_TIMEOUT.minus(NANO));
            connect().reached(server.ipv4(), LOOKUP_TIMEOUT.minus(NANO));
        }

        @Test
        void anAnswerThatTakesTooLongIsALookUpTimeOut() {
            serve();
            service().hosts(server).takes(LOOKUP_TIMEOUT.plus(NANO));
            connect().failed(Kind.LOOKUP_TIMEOUT, LOOKUP_TIMEOUT);
        }

        @Test
        void anAnswerTellsWhatHoldsWhenItIsGiven() {
            service().addresses("192.0.2.1").takes(millis(100));
            world.at(millis(60), () -> service().addresses("192.0.2.2"));
            assertEquals(List.of("192.0.2.2"), addresses("service"));
        }

        @Test
        void whatIsNoAddressIsMisuse() {
            assertThrows(MalformedAddressException.class, () -> service().addresses("srv"));
            assertThrows(MalformedAddressException.class, () -> world.pointer("srv"));
        }
    }

    @Nested
    class WhatIsKept {
        @Test
        void aServiceFailsOverWhenTheTimeToLiveIsOverAndNotBefore() {
            serve();
            Duration ttl = Duration.ofSeconds(60);
            service().hosts(server).timeToLive(ttl);
            assertEquals(List.of(server.ipv4().getHostAddress()), addresses("service"));
            service().hosts(second);
            world.advance(ttl.minus(NANO));
            assertEquals(List.of(server.ipv4().getHostAddress()), addresses("service"));
            world.advance(NANO);
            connect().reached(second.ipv4(), Duration.ZERO);
        }

        @Test
        void noAnswerIsKeptLongerThanTheOptionsSay() {
            Duration most = ResolverOptions.DEFAULT.maximumTtl();
            service().addresses("192.0.2.1").timeToLive(most.multipliedBy(100));
            addresses("service");
            service().addresses("192.0.2.2");
            world.advance(most.minus(NANO));
            assertEquals(List.of("192.0.2.1"), addresses("service"));
            world.advance(NANO);
            assertEquals(List.of("192.0.2.2"), addresses("service"));
        }

        @Test
        void thatANameDoesNotExistIsKeptForItsTimeAndNotLonger() {
            service().doesNotExist();
            assertEquals(Kind.UNKNOWN_HOST, lookupFailure("service"));
            service().addresses("192.0.2.1");
            world.advance(NEGATIVE_TTL.minus(NANO));
            assertEquals(Kind.UNKNOWN_HOST, lookupFailure("service"));
            world.advance(NANO);
            assertEquals(List.of("192.0.2.1"), addresses("service"));
        }

        @Test
        void theShorterTimeToLiveOfTheTwoFamiliesHolds() {
            service().addresses("2001:db8::1", "192.0.2.1").timeToLive(Duration.ofSeconds(60));
            service().ipv6().timeToLive(Duration.ofSeconds(20));
            addresses("service");
            service().addresses("192.0.2.2");
            world.advance(Duration.ofSeconds(20).minus(NANO));
            assertEquals(2, addresses("service").size());
            world.advance(NANO);
            assertEquals(List.of("192.0.2.2"), addresses("service"));
        }

        @Test
        void aFamilyWithoutAddressesDoesNotShortenTheOther() {
            service().addresses("192.0.2.1").timeToLive(Duration.ofSeconds(60));
            addresses("service");
            service().addresses("192.0.2.2");
            world.advance(Duration.ofSeconds(60).minus(NANO));
            assertEquals(List.of("192.0.2.1"), addresses("service"));
        }

        @Test
        void aFamilyThatCouldNotBeLookedUpIsTriedAgainSoon() {
            service().addresses("192.0.2.1", "2001:db8::1").timeToLive(Duration.ofSeconds(60));
            service().ipv6().fails();
            assertEquals(List.of("192.0.2.1"), addresses("service"));
            service().ipv6().addresses("2001:db8::1");
            world.advance(NEGATIVE_TTL.minus(NANO));
            assertEquals(1, addresses("service").size());
            world.advance(NANO);
            assertEquals(2, addresses("service").size());
        }
    }

    @Nested
    class NamesOfAddresses {
        private Optional<String> nameOf(String address) {
            return world.await(client.manager().names().hostName(SimName.literal(address)));
        }

        @Test
        void aHostsAddressesBearItsName() {
            assertEquals(Optional.of("srv"), nameOf(server.ipv4().getHostAddress()));
            assertEquals(Optional.of("srv"), nameOf(server.ipv6().getHostAddress()));
            assertEquals(Optional.of("cli"), world.await(client.manager().canonicalHostName()));
        }

        @Test
        void anAddressBearsTheNameThatItIsGiven() {
            world.pointer("192.0.2.1").is("elsewhere.example").takes(millis(30));
            Duration begun = world.elapsed();
            assertEquals(Optional.of("elsewhere.example"), nameOf("192.0.2.1"));
            assertEquals(millis(30), world.elapsed().minus(begun));
        }

        @Test
        void aNameIsKeptForItsTimeToLive() {
            world.pointer("192.0.2.1").is("old.example").timeToLive(Duration.ofSeconds(60));
            nameOf("192.0.2.1");
            world.pointer("192.0.2.1").is("new.example");
            world.advance(Duration.ofSeconds(60).minus(NANO));
            assertEquals(Optional.of("old.example"), nameOf("192.0.2.1"));
            world.advance(NANO);
            assertEquals(Optional.of("new.example"), nameOf("192.0.2.1"));
        }

        @Test
        void anAddressWithoutANameHasNone() {
            assertEquals(Optional.empty(), nameOf("192.0.2.1"));
            world.pointer(server.ipv4().getHostAddress()).doesNotExist();
            assertEquals(Optional.empty(), nameOf(server.ipv4().getHostAddress()));
        }

        @Test
        void aNameServerThatFailsIsAskedAgain() {
            world.pointer("192.0.2.1").fails();
            assertEquals(Optional.empty(), nameOf("192.0.2.1"));
            world.pointer("192.0.2.1").is("back.example");
            assertEquals(Optional.of("back.example"), nameOf("192.0.2.1"));
        }

        @Test
        void aNameServerThatNeverAnswersIsWaitedForForTheTimeOutAndNotLonger() {
            world.pointer("192.0.2.1").neverAnswers();
            Duration begun = world.elapsed();
            assertEquals(Optional.empty(), nameOf("192.0.2.1"));
            assertEquals(LOOKUP_TIMEOUT, world.elapsed().minus(begun));
        }
    }
}
