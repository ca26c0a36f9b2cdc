package dev.meerkat.testkit.manager;

class NioHttpClientTest extends HttpClientRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
