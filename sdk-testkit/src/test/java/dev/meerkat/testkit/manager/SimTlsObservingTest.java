package dev.meerkat.testkit.manager;

class SimTlsObservingTest extends TlsObservingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
