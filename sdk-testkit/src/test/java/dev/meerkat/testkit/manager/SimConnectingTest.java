package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.ResolverOptions;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.runtime.ListenerHandle;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On virtual time every deadline is met exactly, and a host may vanish without a word. */
class SimConnectingTest extends ConnectingRules {
    private static final Duration ATTEMPT = ConnectOptions.DEFAULT.attemptTimeout();
    private static final Duration LOOKUP = ResolverOptions.DEFAULT.lookupTimeout();
    private static final ConnectOptions ONE_BY_ONE =
            ConnectOptions.builder().parallelAttempts(1).build();

    private final SimArm world = new SimArm();
    private final FaultyTransport transport = new FaultyTransport();
    private final Names names = new Names();

    @Override
    Arm openArm() {
        return world;
    }

    private Duration timeToFail(ConnectOptions options, String... silent) {
        return timeToFail(Kind.CONNECT_TIMEOUT, options, silent);
    }

    private Duration timeToFail(Kind kind, ConnectOptions options, String... silent) {
        use(any -> {}, runtime -> names.install(transport.install(runtime)));
        List.of(silent).forEach(transport::silence);
        Script script = script();
        Duration begin = world.now();
        manager().connect("meerkat.example:80", options, script);
        until("the look-up", () -> !names.asked.isEmpty());
        if (silent.length > 0) {
            names.answer(silent);
        }
        untilClosed(script);
        assertEquals(kind, script.errorKind());
        return world.now().minus(begin);
    }

    @Test
    void aResolverThatNeverAnswersHasItsOwnTime() {
        assertEquals(LOOKUP, timeToFail(Kind.LOOKUP_TIMEOUT, ConnectOptions.DEFAULT));
        assertTrue(names.pending().isCancelled(), "the look-up is abandoned");
    }

    @Test
    void aLookUpHasNoMoreTimeThanTheWholeConnect() {
        ConnectOptions options =
                ConnectOptions.builder().connectTimeout(Duration.ofSeconds(3)).build();
        assertEquals(Duration.ofSeconds(3), timeToFail(options));
    }

    @Test
    void eachAddressHasItsOwnTime() {
        assertEquals(ATTEMPT, timeToFail(ConnectOptions.DEFAULT, "192.0.2.1"));
    }

    @Test
    void theNextAddressIsTriedExactlyThen() {
        assertEquals(ATTEMPT.multipliedBy(2), timeToFail(ONE_BY_ONE, "192.0.2.1", "192.0.2.2"));
        assertEquals(List.of("192.0.2.1", "192.0.2.2"), transport.tried);
    }

    @Test
    void allAddressesTogetherHaveTheTimeOfTheConnect() {
        ConnectOptions options =
                ONE_BY_ONE.toBuilder().connectTimeout(Duration.ofSeconds(25)).build();
        assertEquals(Duration.ofSeconds(25), timeToFail(options, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"));
        assertEquals(3, transport.tried.size());
    }

    @Test
    void aHostThatHasVanishedDoesNotAnswer() {
        ListenerHandle listener = peerListener();
        String address = addressOf(listener);
        world.vanishPeers();
        Script script = script();
        Duration begin = world.now();
        manager().connect(address, script);
        untilClosed(script);
        assertEquals(Kind.CONNECT_TIMEOUT, script.errorKind());
        assertEquals(ATTEMPT, world.now().minus(begin));
    }
}
