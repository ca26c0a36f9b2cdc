package dev.meerkat.testkit.manager;

class SimConnectingTest extends ConnectingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
