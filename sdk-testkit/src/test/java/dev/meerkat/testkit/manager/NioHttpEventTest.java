package dev.meerkat.testkit.manager;

class NioHttpEventTest extends HttpEventRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
