package dev.meerkat.testkit.manager;

class SimProtocolTest extends ProtocolRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
