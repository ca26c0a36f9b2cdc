package dev.meerkat.testkit.manager;

class NioUdpFailingTest extends UdpFailingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
