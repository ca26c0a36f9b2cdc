package dev.meerkat.testkit.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.internal.tls.TlsContexts;
import dev.meerkat.internal.tls.UntrustedCertificateException.Reason;
import dev.meerkat.runtime.TimeSource;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.testkit.TestKey;
import dev.meerkat.tls.ClientAuth;
import dev.meerkat.tls.MalformedPemException;
import dev.meerkat.tls.Reloadable;
import dev.meerkat.tls.TlsIdentity;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsSessions;
import dev.meerkat.tls.TlsTrust;
import dev.meerkat.tls.TlsVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which certificate is shown, to whom, and what else two sides agree on. */
class IdentityTest {
    private final FakeClock clock = new FakeClock();
    private final Instant now = clock.wallTime();
    private final TestCa ca = TestCa.create(now);
    private final TlsOptions client = TlsOptions.client(ca.trust());

    private static TlsOptions showing(TestCertificate... identities) {
        TlsOptions.Builder builder = TlsOptions.builder();
        for (TestCertificate identity : identities) {
            builder.identity(identity.identity());
        }
        return builder.build();
    }

    @Test
    void whoHasNoIdentityCannotServe() {
        TlsContexts contexts = TlsContexts.of(client, clock);
        assertTrue(assertThrows(IllegalArgumentException.class, contexts::requireServer)
                .getMessage()
                .contains("needs an identity"));
        assertThrows(IllegalArgumentException.class, contexts::serverEngine);
    }

    @Nested
    class ServerNames {
        private final TestCertificate first = ca.server("first.example.org", "192.0.2.1");
        private final TestCertificate exact = ca.server("www.example.org", "example.org");
        private final TestCertificate wild = ca.server("*.example.org");
        private final TlsOptions server = showing(first, wild, exact);

        private X509Certificate shownTo(String host) {
            TlsOptions curious = client.toBuilder().serverName("*").build();
            return Handshake.of(curious, host, server, clock).succeeds().client.peer();
        }

        @Test
        void theNameThatIsAskedForDecides() {
            assertEquals(exact.certificate(), shownTo("www.example.org"));
            assertEquals(exact.certificate(), shownTo("example.org"));
            assertEquals(first.certificate(), shownTo("first.example.org"));
        }

        @Test
        void caseAndADotAtTheEndDoNot() {
            assertEquals(exact.certificate(), shownTo("WWW.Example.Org"));
            assertEquals(exact.certificate(), shownTo("www.example.org."));
        }

        @Test
        void aWildcardIsForEveryOtherNameOfOneLabel() {
            assertEquals(wild.certificate(), shownTo("mail.example.org"));
            assertEquals(first.certificate(), shownTo("a.mail.example.org"));
        }

        @Test
        void whoAsksForAnotherNameOrNoneIsShownTheFirst() {
            assertEquals(first.certificate(), shownTo("example.com"));
            assertEquals(first.certificate(), shownTo("192.0.2.1"));
        }

        @Test
        void aServerNameThatIsGivenIsAskedForInPlaceOfTheHost() {
            TlsOptions asking = client.toBuilder().serverName("www.example.org").build();
            assertEquals(
                    exact.certificate(),
                    Handshake.of(asking, "10.1.2.3", server, clock)
                            .succeeds()
                            .client
                            .peer());
        }

        @Test
        void ofTwoWithTheSameNameTheOneThatTheClientCanVerifyIsShown() {
            TestCertificate rsa = ca.request("localhost").key(TestKey.RSA_2048).issue();
            TestCertificate curve = ca.request("localhost").key(TestKey.EC_P256).issue();
            TlsOptions both = showing(rsa, curve);
            TlsOptions old = client.toBuilder().versions(TlsVersion.TLS_1_2).build();
            assertEquals(
                    rsa.certificate(),
                    Handshake.of(
                                    old.toBuilder()
                                            .cipherSuites("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
                                            .build(),
                                    both,
                                    clock)
                            .succeeds()
                            .client
                            .peer());
            assertEquals(
                    curve.certificate(),
                    Handshake.of(
                                    old.toBuilder()
                                            .cipherSuites("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
                                            .build(),
                                    both,
                                    clock)
                            .succeeds()
                            .client
                            .peer());
        }
    }

    @Nested
    class Clients {
        private final TestCa clients = TestCa.create(now, "clients", TestKey.ED25519);
        private final TestCertificate alice = clients.client("alice");

        private TlsOptions asking(ClientAuth auth) {
            return TlsOptions.server(ca.server("localhost").identity()).toBuilder()
                    .trust(clients.trust())
                    .clientAuth(auth)
                    .build();
        }

        private TlsOptions as(TestCertificate identity) {
            return client.toBuilder().identity(identity.identity()).build();
        }

        @ParameterizedTest
        @EnumSource(TlsVersion.class)
        void aClientThatIsTrustedIsLetIn(TlsVersion version) {
            TlsOptions one = as(alice).toBuilder().versions(version).build();
            for (ClientAuth auth : List.of(ClientAuth.WANTED, ClientAuth.REQUIRED)) {
                assertEquals(
                        alice.certificate(),
                        Handshake.of(one, asking(auth), clock).succeeds().server.peer());
            }
        }

        @Test
        void whoIsNotAskedShowsNothing() {
            Handshake done =
                    Handshake.of(as(alice), asking(ClientAuth.NONE), clock).succeeds();
            assertThrows(
                    SSLPeerUnverifiedException.class,
                    () -> done.server.engine.getSession().getPeerCertificates());
        }

        @ParameterizedTest
        @EnumSource(TlsVersion.class)
        void aClientWithoutACertificateIsLetInOnlyWhereItIsWanted(TlsVersion version) {
            TlsOptions nobody = client.toBuilder().versions(version).build();
            Handshake.of(nobody, asking(ClientAuth.WANTED), clock).succeeds();
            Handshake.of(nobody, asking(ClientAuth.REQUIRED), clock).serverFails("Empty client certificate chain");
        }

        @Test
        void aCertificateOfAnotherAuthorityIsNotShown() {
            TlsOptions stranger = as(ca.client("mallory"));
            Handshake.of(stranger, asking(ClientAuth.WANTED), clock).succeeds();
            Handshake.of(stranger, asking(ClientAuth.REQUIRED), clock).serverFails("Empty client certificate chain");
        }

        @Test
        void ofSeveralTheOneThatTheServerTrustsIsShown() {
            TlsOptions both = as(ca.client("alice elsewhere")).toBuilder()
                    .identity(alice.identity())
                    .build();
            assertEquals(
                    alice.certificate(),
                    Handshake.of(both, asking(ClientAuth.REQUIRED), clock)
                            .succeeds()
                            .server
                            .peer());
        }

        @Test
        void anImpostorIsRefusedEvenWhereACertificateIsOnlyWanted() {
            TestCa impostor = TestCa.create(now, "clients", TestKey.ED25519);
            Handshake refused = Handshake.of(as(impostor.client("alice")), asking(ClientAuth.WANTED), clock);
            assertNotNull(refused.server.failure);
        }

        @Test
        void datesOfAClientCount() {
            TestCertificate brief = clients.request("alice")
                    .forClients()
                    .validity(now, now.plusSeconds(9))
                    .issue();
            clock.setWallTime(now.plusSeconds(10));
            Handshake.of(as(brief), asking(ClientAuth.REQUIRED), clock).serverRefuses(Reason.EXPIRED);
        }

        @Test
        void aServersCertificateIsNoClients() {
            Handshake.of(as(clients.server("alice")), asking(ClientAuth.REQUIRED), clock)
                    .serverRefuses(Reason.OTHER);
        }

        @Test
        void aSelfSignedClientIsNobody() {
            TlsOptions self = as(TestCa.selfSigned(now, "clients"));
            assertNotNull(Handshake.of(self, asking(ClientAuth.REQUIRED), clock).server.failure);
        }
    }

    @Nested
    class Reload {
        private final TestCertificate old = ca.server("localhost");
        private final TestCertificate fresh = ca.server("localhost");

        @TempDir
        Path folder;

        private void write(String text) throws IOException {
            Files.writeString(folder.resolve("server.pem"), text);
        }

        private Reloadable<TlsIdentity> load() throws IOException {
            write(old.pem());
            return Reloadable.of(() -> TlsIdentity.of(folder.resolve("server.pem")));
        }

        @ParameterizedTest
        @EnumSource(TlsVersion.class)
        void newHandshakesShowTheNewCertificate(TlsVersion version) throws IOException {
            Reloadable<TlsIdentity> identity = load();
            TlsOptions server = TlsOptions.builder().identity(identity).build();
            TlsOptions one = client.toBuilder().versions(version).build();
            Handshake before = Handshake.of(one, server, clock).succeeds();
            assertEquals(old.certificate(), before.client.peer());
            write(fresh.pem());
            identity.reload();
            assertEquals(
                    fresh.certificate(),
                    Handshake.of(one, server, clock).succeeds().client.peer());
            assertFalse(before.client.engine.isInboundDone() || before.client.engine.isOutboundDone());
        }

        @Test
        void aBadFileSaysSoAndTheOldCertificateStays() throws IOException {
            Reloadable<TlsIdentity> identity = load();
            TlsOptions server = TlsOptions.builder().identity(identity).build();
            write(fresh.chainPem() + old.keyPem());
            String said =
                    assertThrows(MalformedPemException.class, identity::reload).getMessage();
            assertTrue(said.contains("server.pem, block 2 (PRIVATE KEY, line ") && said.contains("does not fit"), said);
            assertEquals(
                    old.certificate(),
                    Handshake.of(client, server, clock).succeeds().client.peer());
        }

        @Test
        void aHandshakeThatHasBegunEndsAsItBegan() throws IOException {
            Reloadable<TlsIdentity> identity = load();
            TlsOptions server = TlsOptions.builder().identity(identity).build();
            var engine = TlsContexts.of(server, clock).serverEngine();
            write(fresh.pem());
            identity.reload();
            Handshake done = Handshake.of(TlsContexts.of(client, clock).clientEngine("localhost", 443), engine);
            assertEquals(old.certificate(), done.succeeds().client.peer());
        }

        @ParameterizedTest
        @EnumSource(TlsVersion.class)
        void whoIsTrustedNoMoreCannotResume(TlsVersion version) {
            TestCa oldClients = TestCa.create(now, "old", TestKey.ED25519);
            TestCa newClients = TestCa.create(now, "new", TestKey.ED25519);
            List<TlsTrust> trusts = new ArrayList<>(List.of(oldClients.trust(), newClients.trust()));
            Reloadable<TlsTrust> trust = Reloadable.of(() -> trusts.remove(0));
            TlsOptions server = TlsOptions.server(old.identity()).toBuilder()
                    .trust(trust)
                    .clientAuth(ClientAuth.REQUIRED)
                    .build();
            TlsOptions alice = client.toBuilder()
                    .identity(oldClients.client("alice").identity())
                    .versions(version)
                    .build();
            Handshake.of(alice, server, clock).succeeds();
            Handshake.of(alice, server, clock).succeeds();
            trust.reload();
            Handshake.of(alice, server, clock).serverFails("Empty client certificate chain");
        }

        @Test
        void aServerWhoseAuthorityWasReplacedIsRefused() {
            List<TlsTrust> trusts = new ArrayList<>(List.of(
                    ca.trust(), TestCa.create(now, "new", TestKey.ED25519).trust()));
            Reloadable<TlsTrust> trust = Reloadable.of(() -> trusts.remove(0));
            TlsOptions careful = TlsOptions.builder().trust(trust).build();
            TlsOptions server = TlsOptions.server(old.identity());
            Handshake.of(careful, server, clock).succeeds();
            trust.reload();
            Handshake.of(careful, server, clock).clientRefuses(Reason.UNKNOWN_ISSUER);
        }
    }

    @Nested
    class Agreements {
        private final TlsOptions server =
                TlsOptions.server(ca.server("localhost").identity());

        private TlsOptions speaking(TlsOptions options, String... protocols) {
            return options.toBuilder().applicationProtocols(protocols).build();
        }

        private String agreed(String[] clients, String[] servers) {
            Handshake done = Handshake.of(speaking(client, clients), speaking(server, servers), clock)
                    .succeeds();
            assertEquals(done.server.engine.getApplicationProtocol(), done.client.engine.getApplicationProtocol());
            return done.client.engine.getApplicationProtocol();
        }

        @Test
        void theServerChoosesTheApplicationProtocol() {
            assertEquals("http/1.1", agreed(new String[] {"h2", "http/1.1"}, new String[] {"http/1.1", "h2"}));
            assertEquals("h2", agreed(new String[] {"x", "h2"}, new String[] {"y", "h2"}));
        }

        @Test
        void whereOneSideKnowsNoneThereIsNone() {
            assertEquals("", agreed(new String[] {"h2"}, new String[] {}));
            assertEquals("", agreed(new String[] {}, new String[] {"h2"}));
        }

        @Test
        void noneInCommonFailsAtBothSides() {
            Handshake failed = Handshake.of(speaking(client, "h2"), speaking(server, "mqtt"), clock);
            failed.serverFails("application layer protocol");
            assertTrue(failed.client.failure.getMessage().contains("no_application_protocol"));
        }

        @Test
        void versionsThatDoNotMeetFail() {
            TlsOptions old = client.toBuilder().versions(TlsVersion.TLS_1_2).build();
            TlsOptions modern = server.toBuilder().versions(TlsVersion.TLS_1_3).build();
            Handshake failed = Handshake.of(old, modern, clock);
            failed.serverFails("not accepted by server preferences");
            assertTrue(failed.client.failure.getMessage().contains("protocol_version"));
        }

        @Test
        void theCipherSuiteCanBeChosen() {
            TlsOptions chosen = client.toBuilder()
                    .cipherSuites("TLS_CHACHA20_POLY1305_SHA256")
                    .build();
            assertEquals(
                    "TLS_CHACHA20_POLY1305_SHA256",
                    Handshake.of(chosen, server, clock)
                            .succeeds()
                            .server
                            .engine
                            .getSession()
                            .getCipherSuite());
            TlsOptions other =
                    server.toBuilder().cipherSuites("TLS_AES_128_GCM_SHA256").build();
            Handshake.of(chosen, other, clock).serverFails("no cipher suites in common");
        }

        @Test
        void cipherSuitesThatTheJdkDoesNotKnowAreMisuse() {
            TlsOptions unknown = client.toBuilder().cipherSuites("TLS_NO_SUCH").build();
            TlsContexts contexts = TlsContexts.of(unknown, clock);
            assertThrows(IllegalArgumentException.class, () -> contexts.clientEngine("localhost", 443));
        }
    }

    @Nested
    class Sessions {
        private final TlsOptions server =
                TlsOptions.server(ca.server("localhost").identity());

        /** Whether the second of two handshakes went on with the session of the first. */
        private boolean isResumed(TlsOptions one, TlsOptions other) {
            int[] judged = {0};
            var counting = new TimeSource() {
                @Override
                public long nanoTime() {
                    return clock.nanoTime();
                }

                @Override
                public Instant wallTime() {
                    judged[0]++; // a session that is resumed is not judged again
                    return clock.wallTime();
                }
            };
            Handshake.of(one, other, counting).succeeds();
            int first = judged[0];
            assertTrue(first > 0);
            Handshake.of(one, other, counting).succeeds();
            return judged[0] == first;
        }

        @ParameterizedTest
        @EnumSource(TlsVersion.class)
        void aClientThatComesAgainResumes(TlsVersion version) {
            assertTrue(isResumed(client.toBuilder().versions(version).build(), server));
        }

        @ParameterizedTest
        @EnumSource(TlsVersion.class)
        void eitherSideCanSwitchThatOff(TlsVersion version) {
            TlsOptions one = client.toBuilder().versions(version).build();
            TlsOptions never = one.toBuilder().sessions(TlsSessions.NONE).build();
            assertFalse(isResumed(never, server));
            assertFalse(
                    isResumed(one, server.toBuilder().sessions(TlsSessions.NONE).build()));
        }

        @Test
        void sessionsBelongToTheirOptions() {
            TlsOptions first = client.toBuilder().build();
            TlsOptions second = client.toBuilder().build();
            Handshake.of(first, server, clock).succeeds();
            clock.setWallTime(now.plus(TestCa.AFTER).plusSeconds(1));
            Handshake.of(second, server, clock).clientRefuses(Reason.EXPIRED);
        }
    }
}
