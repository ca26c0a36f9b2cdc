package dev.meerkat.testkit.manager;

class NioHttpFileTest extends HttpFileRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
