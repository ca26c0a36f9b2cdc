package dev.meerkat.testkit.manager;

class NioHexDumpTest extends HexDumpRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
