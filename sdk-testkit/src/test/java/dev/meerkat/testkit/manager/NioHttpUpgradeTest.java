package dev.meerkat.testkit.manager;

class NioHttpUpgradeTest extends HttpUpgradeRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
