package dev.meerkat.testkit.manager;

class NioUdpTest extends UdpRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
