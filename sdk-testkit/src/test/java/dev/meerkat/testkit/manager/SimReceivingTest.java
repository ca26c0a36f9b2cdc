package dev.meerkat.testkit.manager;

class SimReceivingTest extends ReceivingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
