package dev.meerkat.testkit.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.tls.TlsContexts;
import dev.meerkat.internal.tls.UntrustedCertificateException;
import dev.meerkat.internal.tls.UntrustedCertificateException.Reason;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.testkit.TestKey;
import dev.meerkat.tls.TlsIdentity;
import dev.meerkat.tls.TlsMode;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsTrust;
import dev.meerkat.tls.TlsVersion;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose certificate is accepted, and what is said when it is not. */
class TrustTest {
    private final FakeClock clock = new FakeClock();
    private final Instant now = clock.wallTime();
    private final TestCa ca = TestCa.create(now);
    private final TlsOptions client = TlsOptions.client(ca.trust());

    private Handshake meet(TlsOptions with, TestCertificate server) {
        return Handshake.of(with, TlsOptions.server(server.identity()), clock);
    }

    private TlsOptions named(String serverName) {
        return client.toBuilder().serverName(serverName).build();
    }

    private static TlsTrust only(X509Certificate certificate) {
        return TlsTrust.authorities(List.of(certificate));
    }

    @ParameterizedTest
    @EnumSource(TestKey.class)
    void aCertificateOfATrustedAuthorityIsAccepted(TestKey key) {
        TestCertificate server = ca.request("localhost").key(key).issue();
        assertEquals(
                server.certificate(), meet(client, server).succeeds().client.peer());
    }

    @ParameterizedTest
    @EnumSource(TestKey.class)
    void theAuthorityMayHaveAnyKindOfKey(TestKey key) {
        TestCa other = TestCa.create(now, "another", key);
        meet(TlsOptions.client(other.trust()), other.server("localhost")).succeeds();
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void bothVersionsAreSpoken(TlsVersion version) {
        TlsOptions old = client.toBuilder().versions(version).build();
        Handshake done = meet(old, ca.server("localhost")).succeeds();
        assertEquals(version.jdkName(), done.client.engine.getSession().getProtocol());
    }

    @Test
    void aChainIsFollowedToItsRoot() {
        TestCa below = ca.intermediate("below").intermediate("far below");
        Handshake done = meet(client, below.server("localhost")).succeeds();
        assertEquals("CN=far below", done.client.peer().getIssuerX500Principal().getName());
    }

    @Test
    void aChainWithAGapIsNotAccepted() {
        TestCa below = ca.intermediate("below");
        TestCertificate whole = below.server("localhost");
        TlsOptions gap = TlsOptions.server(TlsIdentity.of(whole.key(), List.of(whole.certificate())));
        String said = Handshake.of(client, gap, clock).clientRefuses(Reason.UNKNOWN_ISSUER);
        assertTrue(said.contains("CN=below"), said);
    }

    @Test
    void aCertificateOfAStrangerIsNotAccepted() {
        TestCa stranger = TestCa.create(now, "stranger", TestKey.ED25519);
        String said = meet(client, stranger.server("localhost")).clientRefuses(Reason.UNKNOWN_ISSUER);
        assertTrue(said.contains("CN=localhost") && said.contains("CN=stranger"), said);
    }

    @Test
    void aStrangerThatTookTheNameOfTheAuthorityIsNotAccepted() {
        TestCa impostor = TestCa.create(now);
        Handshake refused = meet(client, impostor.server("localhost"));
        assertTrue(List.of(Reason.OTHER, Reason.UNKNOWN_ISSUER)
                .contains(UntrustedCertificateException.in(refused.client.failure)
                        .orElseThrow()
                        .reason()));
    }

    @Test
    void theJdksAuthoritiesDoNotKnowTheTest() {
        meet(TlsOptions.DEFAULT, ca.server("localhost")).clientRefuses(Reason.UNKNOWN_ISSUER);
    }

    @Test
    void aCertificateForClientsIsNoServers() {
        TestCertificate forClients = ca.request("localhost").forClients().issue();
        meet(named("*"), forClients).clientRefuses(Reason.OTHER);
    }

    @Nested
    class Dates {
        @Test
        void anExpiredCertificateIsNotAccepted() {
            String said = meet(client, ca.expired("localhost")).clientRefuses(Reason.EXPIRED);
            assertTrue(said.contains("expired at 1999-12-02T00:00:00Z; it is 2000-01-01T00:00:00Z"), said);
        }

        @Test
        void aCertificateOfTheFutureIsNotAccepted() {
            String said = meet(client, ca.notYetValid("localhost")).clientRefuses(Reason.NOT_YET_VALID);
            assertTrue(said.contains("is valid from 2000-01-31T00:00:00Z on; it is 2000-01-01T00:00:00Z"), said);
        }

        @Test
        void theLastSecondCountsAndTheNextDoesNot() {
            TestCertificate brief =
                    ca.request("localhost").validity(now, now.plusSeconds(10)).issue();
            clock.advance(Duration.ofSeconds(11).minusNanos(1));
            meet(client, brief).succeeds();
            clock.advance(Duration.ofNanos(1));
            meet(client, brief).clientRefuses(Reason.EXPIRED);
        }

        @Test
        void theFirstSecondCountsAndTheOneBeforeDoesNot() {
            TestCertificate later = ca.request("localhost")
                    .validity(now.plusSeconds(10), now.plusSeconds(20))
                    .issue();
            clock.advance(Duration.ofSeconds(10).minusNanos(1));
            meet(client, later).clientRefuses(Reason.NOT_YET_VALID);
            clock.advance(Duration.ofNanos(1));
            meet(client, later).succeeds();
        }

        @Test
        void aClockThatIsSetBackMakesACertificateValidAgain() {
            TestCertificate server = ca.server("localhost");
            clock.setWallTime(now.plus(TestCa.AFTER).plusSeconds(1));
            meet(client, server).clientRefuses(Reason.EXPIRED);
            clock.setWallTime(now);
            meet(client, server).succeeds();
        }

        @Test
        void aPinnedCertificateExpires() {
            TestCertificate pinned = ca.server("localhost");
            TlsOptions pinning = TlsOptions.client(only(pinned.certificate()));
            meet(pinning, pinned).succeeds();
            clock.setWallTime(now.plus(TestCa.AFTER).plusSeconds(1));
            meet(pinning, pinned).clientRefuses(Reason.EXPIRED);
            clock.setWallTime(now.minus(TestCa.BEFORE).minusSeconds(1));
            meet(pinning, pinned).clientRefuses(Reason.NOT_YET_VALID);
        }

        @Test
        void whoIsExpiredAndUnknownIsUnknown() {
            TestCa stranger = TestCa.create(now, "stranger", TestKey.ED25519);
            meet(client, stranger.expired("localhost")).clientRefuses(Reason.UNKNOWN_ISSUER);
        }

        @Test
        void anExpiredLinkOfTheChainIsExpired() {
            TestCertificate server = ca.intermediate("below")
                    .request("localhost")
                    .validity(now, now.plus(Duration.ofDays(9999)))
                    .issue();
            clock.setWallTime(now.plus(Duration.ofDays(3651)));
            TlsOptions patient = TlsOptions.client(ca.trust());
            String said = meet(patient, server).clientRefuses(Reason.EXPIRED);
            assertTrue(said.contains("CN=below"), said);
        }
    }

    @Nested
    class Names {
        @Test
        void aCertificateOfAnotherHostIsNotAccepted() {
            String said = meet(client, ca.wrongHost()).clientRefuses(Reason.WRONG_HOST);
            assertTrue(said.contains("is for wrong-host.invalid; expected localhost"), said);
        }

        @Test
        void theServerNameReplacesTheHost() {
            meet(named("wrong-host.invalid"), ca.wrongHost()).succeeds();
            meet(named("wrong-host.invalid"), ca.server("localhost")).clientRefuses(Reason.WRONG_HOST);
        }

        @Test
        void anAsteriskIsAnyNameButNotAnyAuthority() {
            meet(named("*"), ca.wrongHost()).succeeds();
            TestCa stranger = TestCa.create(now, "stranger", TestKey.ED25519);
            meet(named("*"), stranger.server("localhost")).clientRefuses(Reason.UNKNOWN_ISSUER);
            meet(named("*"), ca.expired("localhost")).clientRefuses(Reason.EXPIRED);
        }

        @Test
        void aWildcardIsForOneLabel() {
            TestCertificate wild = ca.server("*.example.org");
            meet(named("www.example.org"), wild).succeeds();
            meet(named("WWW.Example.ORG."), wild).succeeds();
            meet(named("example.org"), wild).clientRefuses(Reason.WRONG_HOST);
            meet(named("a.b.example.org"), wild).clientRefuses(Reason.WRONG_HOST);
        }

        @Test
        void anAddressMustBeAmongTheAddresses() {
            TestCertificate server = ca.server("localhost", "127.0.0.1", "2001:db8::1");
            meet(named("127.0.0.1"), server).succeeds();
            meet(named("2001:db8:0:0::1"), server).succeeds();
            meet(named("127.0.0.2"), server).clientRefuses(Reason.WRONG_HOST);
            meet(named("127.0.0.1"), ca.server("localhost")).clientRefuses(Reason.WRONG_HOST);
        }

        @Test
        void aReadyMadeContextChecksTheNameToo() throws Exception {
            SSLContext trusting = SSLContext.getInstance("TLS");
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            TestCa today = TestCa.create(Instant.now());
            store.setCertificateEntry("ca", today.certificate());
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            trusting.init(null, factory.getTrustManagers(), new SecureRandom());
            TlsOptions ready = TlsOptions.of(trusting);
            meet(ready, today.server("localhost")).succeeds();
            Handshake refused = meet(ready, today.wrongHost());
            assertTrue(refused.client.failure.getMessage().contains("localhost"), () -> "" + refused.client.failure);
            meet(ready.toBuilder().serverName("*").build(), today.wrongHost()).succeeds();
        }

        @Test
        void whereNoHostIsKnownANameMustBeGiven() {
            TlsOptions server = TlsOptions.server(ca.server("www.example.org").identity());
            TlsContexts nameless = TlsContexts.of(client, clock);
            assertTrue(assertThrows(IllegalArgumentException.class, () -> nameless.clientEngine("", 0))
                    .getMessage()
                    .contains("TlsOptions.serverName"));
            Handshake.of(named("www.example.org"), "", server, clock).succeeds();
            Handshake.of(named("example.org"), "", server, clock).clientRefuses(Reason.WRONG_HOST);
            Handshake.of(named("*"), "", server, clock).succeeds();
        }

        @Test
        void whatIsNoNameIsMisuse() {
            TlsContexts contexts = TlsContexts.of(named("not a name"), clock);
            assertThrows(IllegalArgumentException.class, () -> contexts.clientEngine("localhost", 443));
        }
    }

    @Nested
    class SelfSigned {
        private final TestCertificate self = TestCa.selfSigned(now, "localhost", "127.0.0.1");
        private final TlsOptions verifying = TlsOptions.client(TlsMode.VERIFY);
        private final TlsOptions allowing = TlsOptions.client(TlsMode.ALLOW_SELF_SIGNED);

        @Test
        void modeVerifyRefusesIt() {
            meet(verifying, self).clientRefuses(Reason.SELF_SIGNED);
        }

        @Test
        void modeAllowSelfSignedAcceptsIt() {
            meet(allowing, self).succeeds();
        }

        @Test
        void modeAllowSelfSignedAcceptsWhatVerifyAccepts() {
            meet(TlsOptions.client(ca.trust().allowSelfSigned()), ca.server("localhost"))
                    .succeeds();
        }

        @Test
        void modeNoneHasNoOptions() {
            assertThrows(IllegalArgumentException.class, () -> TlsOptions.client(TlsMode.NONE));
        }

        @Test
        void itsDatesCount() {
            clock.setWallTime(now.plus(TestCa.AFTER).plusSeconds(1));
            meet(allowing, self).clientRefuses(Reason.EXPIRED);
            clock.setWallTime(now.minus(TestCa.BEFORE).minusSeconds(1));
            meet(allowing, self).clientRefuses(Reason.NOT_YET_VALID);
        }

        @Test
        void itsNameCounts() {
            TlsOptions other = allowing.toBuilder().serverName("example.org").build();
            meet(other, self).clientRefuses(Reason.WRONG_HOST);
            meet(other.toBuilder().serverName("*").build(), self).succeeds();
            meet(other.toBuilder().serverName("127.0.0.1").build(), self).succeeds();
        }

        @Test
        void aChainFromAnUnknownAuthorityIsStillRefused() {
            TestCa stranger = TestCa.create(now, "stranger", TestKey.ED25519);
            meet(allowing, stranger.server("localhost")).clientRefuses(Reason.UNKNOWN_ISSUER);
        }

        @Test
        void aSelfSignedOneWithOthersBehindIsRefused() {
            TestCertificate root = TestCa.selfSigned(now, "localhost");
            var chain = List.of(root.certificate(), self.certificate());
            Handshake refused = Handshake.of(allowing, Chains.server(root.key(), chain), clock);
            refused.clientRefuses(Reason.SELF_SIGNED);
        }

        @Test
        void oneWithABrokenSignatureIsRefused() {
            TestCertificate other = TestCa.selfSigned(now, "localhost");
            X509Certificate broken = Chains.withSignatureOf(self.certificate(), other.certificate());
            meet(allowing, self).succeeds();
            Handshake.of(allowing, Chains.server(self.key(), List.of(broken)), clock)
                    .clientRefuses(Reason.OTHER);
        }

        @Test
        void itCanBePinned() {
            meet(TlsOptions.client(only(self.certificate())), self).succeeds();
            TestCertificate other = TestCa.selfSigned(now, "localhost");
            meet(TlsOptions.client(only(self.certificate())), other).clientRefuses(Reason.SELF_SIGNED);
        }
    }
}
