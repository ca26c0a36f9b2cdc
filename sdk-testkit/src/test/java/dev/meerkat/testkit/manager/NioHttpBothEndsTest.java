package dev.meerkat.testkit.manager;

class NioHttpBothEndsTest extends HttpBothEndsRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
