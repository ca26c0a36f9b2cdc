package dev.meerkat.testkit.manager;

class NioOwnershipTest extends OwnershipRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
