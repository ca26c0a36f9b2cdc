package dev.meerkat.testkit.manager;

class SimTopicTest extends TopicRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
