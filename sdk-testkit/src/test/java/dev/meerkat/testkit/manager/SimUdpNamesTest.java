package dev.meerkat.testkit.manager;

class SimUdpNamesTest extends UdpNamesRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
