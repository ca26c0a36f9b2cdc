package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.runtime.ListenerHandle;
import org.junit.jupiter.api.Test;

class NioConnectingTest extends ConnectingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void theSystemKnowsLocalhost() {
        ListenerHandle listener = peerListener();
        Script script = script();
        manager().connect("localhost:" + portOf(listener), script);
        until("the connection", script::isOpened);
    }

    @Test
    void theSystemDoesNotKnowANameThatCannotBe() {
        Script script = script();
        // RFC 6761 §6.4: names below "invalid" do not exist
        manager().connect("meerkat.invalid:80", script);
        untilClosed(script);
        assertEquals(ConnectionError.Kind.UNKNOWN_HOST, script.errorKind());
    }
}
