package dev.meerkat.testkit.manager;

class SimLoopTest extends LoopRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
