package dev.meerkat.testkit.manager;

class SimBroadcastTest extends BroadcastRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
