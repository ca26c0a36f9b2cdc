package dev.meerkat.testkit.manager;

class SimFileSourceTest extends FileSourceRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
