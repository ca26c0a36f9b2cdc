package dev.meerkat.testkit.manager;

class NioUploadTest extends UploadRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
