package dev.meerkat.testkit.manager;

class NioHttpUpgradeGridTest extends HttpUpgradeGridRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
