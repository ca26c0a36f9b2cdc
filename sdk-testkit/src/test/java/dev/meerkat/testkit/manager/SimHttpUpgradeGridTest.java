package dev.meerkat.testkit.manager;

class SimHttpUpgradeGridTest extends HttpUpgradeGridRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
