package dev.meerkat.testkit.manager;

class SimHttpEventTest extends HttpEventRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
