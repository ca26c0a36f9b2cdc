package dev.meerkat.testkit.manager;

class SimConnectionTest extends ConnectionRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
