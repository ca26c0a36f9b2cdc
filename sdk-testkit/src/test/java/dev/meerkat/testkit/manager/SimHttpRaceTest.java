package dev.meerkat.testkit.manager;

class SimHttpRaceTest extends HttpRaceRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
