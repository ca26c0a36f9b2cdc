package dev.meerkat.testkit.manager;

class NioHttpMistakeTest extends HttpMistakeRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
