package dev.meerkat.testkit.manager;

class SimHttpProxyTest extends HttpProxyRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
