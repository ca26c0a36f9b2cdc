package dev.meerkat.testkit.manager;

class SimHttpMistakeTest extends HttpMistakeRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
