package dev.meerkat.testkit.manager;

class SimWritableTest extends WritableRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
