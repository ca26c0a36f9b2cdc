package dev.meerkat.testkit.manager;

class SimHttpRoutingTest extends HttpRoutingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
