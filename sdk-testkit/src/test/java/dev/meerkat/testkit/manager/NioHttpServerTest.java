package dev.meerkat.testkit.manager;

class NioHttpServerTest extends HttpServerRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
