package dev.meerkat.testkit.manager;

class NioFailingTest extends FailingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
