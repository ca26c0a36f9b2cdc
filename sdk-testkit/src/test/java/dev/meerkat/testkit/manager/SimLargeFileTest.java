package dev.meerkat.testkit.manager;

class SimLargeFileTest extends LargeFileRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
