package dev.meerkat.testkit.manager;

class SimHexDumpTest extends HexDumpRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
