package dev.meerkat.testkit.manager;

class SimFileSendingTest extends FileSendingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
