package dev.meerkat.testkit.manager;

class SimHttpCallTest extends HttpCallRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
