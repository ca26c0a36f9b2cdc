package dev.meerkat.testkit.manager;

class SimHttpRefusalTest extends HttpRefusalRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
