package dev.meerkat.testkit.manager;

class NioTlsObservingTest extends TlsObservingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
