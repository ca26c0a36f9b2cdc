package dev.meerkat.testkit.manager;

class SimHttpGoneTest extends HttpGoneRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
