package dev.meerkat.testkit.manager;

class NioListeningTest extends ListeningRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
