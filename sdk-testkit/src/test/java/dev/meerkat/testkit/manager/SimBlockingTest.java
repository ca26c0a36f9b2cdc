package dev.meerkat.testkit.manager;

class SimBlockingTest extends BlockingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
