package dev.meerkat.testkit.manager;

class NioConnectionTest extends ConnectionRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
