package dev.meerkat.testkit.manager;

class NioCertificateTest extends CertificateRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
