package dev.meerkat.testkit.manager;

class SimFailingTest extends FailingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
