package dev.meerkat.testkit.manager;

class NioProtocolTest extends ProtocolRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
