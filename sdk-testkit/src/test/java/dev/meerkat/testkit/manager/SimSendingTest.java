package dev.meerkat.testkit.manager;

class SimSendingTest extends SendingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
