package dev.meerkat.testkit.manager;

class SimHttpServerTest extends HttpServerRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
