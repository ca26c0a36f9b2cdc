package dev.meerkat.testkit.manager;

class NioBlockingTest extends BlockingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
