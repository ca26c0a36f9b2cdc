package dev.meerkat.testkit.manager;

class SimTlsTest extends TlsRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
