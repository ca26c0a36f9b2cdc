package dev.meerkat.testkit.manager;

class SimClosingTest extends ClosingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
