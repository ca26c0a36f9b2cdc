package dev.meerkat.testkit.manager;

class SimReverseProxyTest extends ReverseProxyRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
