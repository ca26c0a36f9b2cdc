package dev.meerkat.testkit.manager;

class NioHttpRefusalTest extends HttpRefusalRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
