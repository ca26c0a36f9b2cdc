package dev.meerkat.testkit.manager;

class NioFrameLogTest extends FrameLogRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
