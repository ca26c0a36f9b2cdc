package dev.meerkat.testkit.manager;

class NioReceivingTest extends ReceivingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
