package dev.meerkat.testkit.manager;

class NioHttpCallTest extends HttpCallRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
