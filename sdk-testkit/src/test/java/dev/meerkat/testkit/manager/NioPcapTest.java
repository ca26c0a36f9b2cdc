package dev.meerkat.testkit.manager;

class NioPcapTest extends PcapRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
