package dev.meerkat.testkit.manager;

class NioHttpGoneTest extends HttpGoneRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
