package dev.meerkat.testkit.manager;

import java.time.Duration;

class SimHttpLimitTest extends HttpLimitRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    @Override
    void settleNow() {
        for (int i = 0; i < 10; i++) {
            arm.advance(Duration.ZERO);
            pump();
        }
    }
}
