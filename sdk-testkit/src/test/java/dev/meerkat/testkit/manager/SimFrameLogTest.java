package dev.meerkat.testkit.manager;

class SimFrameLogTest extends FrameLogRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
