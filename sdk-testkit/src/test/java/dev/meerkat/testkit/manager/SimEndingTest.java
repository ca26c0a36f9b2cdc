package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.event.ConnectionError.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** On virtual time every deadline is met exactly. */
class SimEndingTest extends EndingRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    @Test
    void closingIsGivenUpExactlyAtItsTimeOut() {
        assertGivenUpAfter(ConnectionOptions.DEFAULT.closeTimeout(), Connection::close);
        assertGivenUpAfter(Duration.ofSeconds(3), connection -> connection.close(Duration.ofSeconds(3)));
        assertGivenUpAfter(Duration.ofSeconds(3), connection -> {
            connection.close(Duration.ofSeconds(5));
            connection.close(Duration.ofSeconds(3));
            connection.close(Duration.ofSeconds(4));
        });
    }

    /** A connection whose peer has small buffers and does not read. */
    private Peer slow(Script script) {
        return accepted(listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), SMALL_PEER, script)
                .stopReading();
    }

    private void assertGivenUpAfter(Duration expected, Change<Connection> closing) {
        Script script = script();
        slow(script);
        Duration begin = world.now();
        script.connection().send(pattern(MORE_THAN_FITS));
        closing.apply(script.connection());
        untilClosed(script);
        assertEquals(expected, world.now().minus(begin));
        assertEquals(Kind.CLOSE_TIMEOUT, script.errorKind());
    }

    @Test
    void aShorterTimeOutCountsFromItsOwnCall() {
        Script script = script();
        slow(script);
        script.connection().send(pattern(MORE_THAN_FITS)).close(Duration.ofSeconds(10));
        Duration begin = world.now();
        world.advance(Duration.ofSeconds(4));
        script.connection().close(Duration.ofSeconds(7)); // would end later
        script.connection().close(Duration.ofSeconds(2));
        untilClosed(script);
        assertEquals(Duration.ofSeconds(6), world.now().minus(begin));
    }

    @Test
    void lingeringLastsExactlyItsTime() {
        Script script = script();
        Peer peer = accepted(script);
        Duration begin = world.now();
        script.connection().close();
        until("the end", peer::hasEnded);
        untilClosed(script);
        assertEquals(ConnectionOptions.DEFAULT.lingerTimeout(), world.now().minus(begin));
    }

    @Test
    void lingeringEndsAtTheVeryInstantOfThePeersEnd() {
        Script script = script();
        Peer peer = accepted(script);
        script.connection().close();
        world.advance(Duration.ofMillis(300));
        Duration begin = world.now();
        peer.shutdownOutput();
        untilClosed(script);
        assertEquals(begin, world.now());
    }

    @Test
    void thePeersEndStartsTheCloseTimeOut() {
        Script script = script();
        Peer peer = slow(script);
        script.connection().send(pattern(MORE_THAN_FITS));
        world.advance(LONG);
        Duration begin = world.now();
        peer.shutdownOutput();
        untilClosed(script);
        assertEquals(ConnectionOptions.DEFAULT.closeTimeout(), world.now().minus(begin));
    }
}
