package dev.meerkat.testkit.manager;

class NioHttpProxyTest extends HttpProxyRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
