package dev.meerkat.testkit.manager;

class SimOwnershipTest extends OwnershipRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
