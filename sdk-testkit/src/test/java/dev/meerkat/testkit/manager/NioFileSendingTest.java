package dev.meerkat.testkit.manager;

class NioFileSendingTest extends FileSendingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
