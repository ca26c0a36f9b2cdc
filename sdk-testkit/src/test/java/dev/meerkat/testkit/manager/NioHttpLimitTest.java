package dev.meerkat.testkit.manager;

class NioHttpLimitTest extends HttpLimitRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Override
    void settleNow() {
        settle();
    }
}
