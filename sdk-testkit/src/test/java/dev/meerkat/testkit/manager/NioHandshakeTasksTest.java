package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.tls.HandshakeTasks;
import dev.meerkat.tls.TlsVersion;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NioHandshakeTasksTest extends HandshakeTasksRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    /** The test's own thread drives the loop. */
    @ParameterizedTest
    @EnumSource
    void tasksRunOnTheThreadOfTheLoopOrOnAnother(HandshakeTasks where) {
        Thread loop = Thread.currentThread();
        List<Boolean> onLoop = new CopyOnWriteArrayList<>();
        Script server = echo(script());
        conversation(
                listen(
                        server(
                                where,
                                TlsVersion.TLS_1_3,
                                () -> onLoop.add(Thread.currentThread().equals(loop))),
                        server),
                client(where),
                server);
        assertEquals(List.of(where == HandshakeTasks.ON_LOOP), List.copyOf(onLoop));
    }
}
