package dev.meerkat.testkit.manager;

class SimHttpClientTest extends HttpClientRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
