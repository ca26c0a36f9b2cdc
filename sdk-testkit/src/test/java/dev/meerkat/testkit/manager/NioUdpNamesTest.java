package dev.meerkat.testkit.manager;

class NioUdpNamesTest extends UdpNamesRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
