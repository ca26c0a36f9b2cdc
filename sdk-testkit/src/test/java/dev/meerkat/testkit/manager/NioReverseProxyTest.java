package dev.meerkat.testkit.manager;

class NioReverseProxyTest extends ReverseProxyRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
