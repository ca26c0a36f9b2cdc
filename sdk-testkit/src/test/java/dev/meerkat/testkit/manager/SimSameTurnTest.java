package dev.meerkat.testkit.manager;

class SimSameTurnTest extends SameTurnRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
