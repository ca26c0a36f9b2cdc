package dev.meerkat.testkit.manager;

class SimHttpBothEndsTest extends HttpBothEndsRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
