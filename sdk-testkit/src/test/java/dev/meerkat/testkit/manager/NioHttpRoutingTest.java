package dev.meerkat.testkit.manager;

class NioHttpRoutingTest extends HttpRoutingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
