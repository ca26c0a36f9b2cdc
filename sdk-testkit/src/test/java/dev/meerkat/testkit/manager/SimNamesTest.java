package dev.meerkat.testkit.manager;

class SimNamesTest extends NamesRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
