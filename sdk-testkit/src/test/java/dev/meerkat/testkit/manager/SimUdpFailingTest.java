package dev.meerkat.testkit.manager;

class SimUdpFailingTest extends UdpFailingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
