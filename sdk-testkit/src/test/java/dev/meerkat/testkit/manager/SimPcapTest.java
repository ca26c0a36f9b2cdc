package dev.meerkat.testkit.manager;

class SimPcapTest extends PcapRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
