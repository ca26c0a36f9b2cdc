package dev.meerkat.testkit.manager;

class NioFileSourceTest extends FileSourceRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
