package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ListenException;
import dev.meerkat.event.ConnectionError;
import org.junit.jupiter.api.Test;

class SimUnixTest extends UnixRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    @Override
    String me() {
        return "meerkat";
    }

    @Test
    void whatIsDeniedIsDenied() {
        world.managerHost().files().makeStaleSocket("/run/secret");
        world.managerHost().files().deny("/run/secret", true);
        Script script = script();
        manager().connect("unix:/run/secret", script);
        untilClosed(script);
        assertEquals(ConnectionError.Kind.PERMISSION_DENIED, script.errorKind());
        world.managerHost().files().deny("/run", true);
        ListenException thrown =
                assertThrows(ListenException.class, () -> manager().listen("unix:/run/mine", script()));
        assertTrue(thrown.getMessage().endsWith("Permission denied"), thrown::getMessage);
    }
}
