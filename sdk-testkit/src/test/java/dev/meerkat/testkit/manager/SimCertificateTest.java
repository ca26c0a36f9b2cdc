package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.tls.TlsOptions;
import org.junit.jupiter.api.Test;

class SimCertificateTest extends CertificateRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    @Test
    void aCertificateExpiresByTheClockOfTheWorldAndOpenConnectionsLiveOn() {
        TestCertificate server = good();
        TlsOptions serving = TlsOptions.server(server.identity());
        Script before = opens(trusting(), serving);
        world.setWallTime(now.plus(TestCa.AFTER).plusSeconds(1));
        refuses(Kind.CERTIFICATE_EXPIRED, trusting(), serving);
        assertFalse(before.isClosed());
        world.setWallTime(now.minus(TestCa.BEFORE).minusSeconds(1));
        refuses(Kind.CERTIFICATE_NOT_YET_VALID, trusting(), serving);
        world.setWallTime(now.minus(TestCa.BEFORE));
        assertTrue(opens(trusting(), serving).isOpened());
    }
}
