package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.ListenOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class NioUnixTest extends UnixRules {
    private final NioArm machine = new NioArm();

    @Override
    Arm openArm() {
        return machine;
    }

    @Override
    String me() {
        return System.getProperty("user.name");
    }

    @Test
    void nothingElseIsLeftInTheDirectory() {
        String path = arm.unixPath("socket");
        arm.makeStaleSocket(path);
        Acceptor acceptor = manager().listen("unix:" + path, script());
        assertEquals(1, machine.files().size());
        acceptor.close();
        assertEquals(List.of(), machine.files());
        arm.makeStaleSocket(path);
        ListenOptions mode =
                ListenOptions.builder().socketFilePermissions("rw-------").build();
        acceptor = manager().listen("unix:" + path, mode, script());
        assertEquals(1, machine.files().size());
        acceptor.close();
        assertEquals(List.of(), machine.files());
    }
}
