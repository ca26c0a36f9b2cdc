package dev.meerkat.testkit.manager;

class NioTlsTest extends TlsRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
