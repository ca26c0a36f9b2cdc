package dev.meerkat.testkit.manager;

class NioHttpRaceTest extends HttpRaceRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
