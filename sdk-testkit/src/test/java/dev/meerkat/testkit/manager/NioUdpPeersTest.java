package dev.meerkat.testkit.manager;

class NioUdpPeersTest extends UdpPeersRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
