package dev.meerkat.testkit.manager;

class SimListeningTest extends ListeningRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
