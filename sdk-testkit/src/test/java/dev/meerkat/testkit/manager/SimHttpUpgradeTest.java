package dev.meerkat.testkit.manager;

class SimHttpUpgradeTest extends HttpUpgradeRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
