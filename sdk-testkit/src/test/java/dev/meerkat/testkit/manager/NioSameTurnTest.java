package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class NioSameTurnTest extends SameTurnRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void sendsFromElsewhereBeyondTheLimitEndAConnectThatIsUnderWay() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        transport.silence(arm.host());
        Script script = script();
        ConnectOptions options =
                connecting(each -> each.highWaterMark(50).lowWaterMark(10).sendLimit(100));
        Connection connection = manager().connect(arm.host() + ":9", options, script);
        Threads.elsewhere(() -> connection.send(Bytes.copyOf(new byte[60])));
        inTurn(() -> {});
        Threads.elsewhere(() -> connection.send(Bytes.copyOf(new byte[60])));
        untilClosed(script);
        assertEquals(List.of("ConnectFailed", "Closed"), script.kinds());
        assertEquals(Kind.SLOW_RECEIVER, script.errorKind());
        assertTrue(transport.attempts.stream().noneMatch(attempt -> attempt.isOpen()), "the attempt is released");
        assertEquals(0, manager().statistics().timers());
    }
}
