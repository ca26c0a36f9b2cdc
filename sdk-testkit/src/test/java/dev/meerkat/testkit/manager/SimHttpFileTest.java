package dev.meerkat.testkit.manager;

class SimHttpFileTest extends HttpFileRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
