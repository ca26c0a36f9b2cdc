package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.testkit.TestKey;
import dev.meerkat.tls.CertificateNames;
import dev.meerkat.tls.ClientAuth;
import dev.meerkat.tls.MalformedPemException;
import dev.meerkat.tls.Reloadable;
import dev.meerkat.tls.TlsIdentity;
import dev.meerkat.tls.TlsMode;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsTrust;
import dev.meerkat.tls.TlsVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is let in and who is not, on every transport and by the clock of the manager. */
abstract class CertificateRules extends ManagerRules {
    Instant now;
    TestCa ca;

    @TempDir
    Path folder;

    @BeforeEach
    void makeAnAuthority() {
        now = manager().wallTime();
        ca = TestCa.create(now);
    }

    /** A certificate for the host that is connected to. */
    final TestCertificate good() {
        return ca.server("www.example.org", arm.host());
    }

    final TlsOptions trusting() {
        return TlsOptions.client(ca.trust());
    }

    final Acceptor serve(TlsOptions tls, Script script) {
        return manager()
                .listen(
                        "tls://" + arm.host() + ":0",
                        ListenOptions.builder().tls(tls).build(),
                        script);
    }

    final void connect(Acceptor acceptor, TlsOptions tls, Script script) {
        manager()
                .connect(
                        "tls://" + arm.host() + ":" + acceptor.port(),
                        ConnectOptions.builder().tls(tls).build(),
                        script);
    }

    /** Connects, and answers the client's side when it is open. */
    final Script opens(Acceptor acceptor, TlsOptions client) {
        Script made = script();
        connect(acceptor, client, made);
        until("the connection to be opened", made::isOpened);
        return made;
    }

    final Script opens(TlsOptions client, TlsOptions server) {
        Acceptor acceptor = serve(server, script());
        Script made = opens(acceptor, client);
        acceptor.close();
        return made;
    }

    /** Connects, and is refused for this reason, which the server is told of. */
    final void refuses(Kind kind, TlsOptions client, TlsOptions server) {
        Script accepted = script();
        Script made = script();
        Acceptor acceptor = serve(server, accepted);
        connect(acceptor, client, made);
        untilClosed(made);
        untilClosed(accepted);
        acceptor.close();
        assertEquals(List.of("ConnectFailed", "Closed"), made.kinds());
        assertEquals(kind, made.errorKind(), () -> made.closeReason().toString());
        assertEquals(List.of("HandshakeFailed", "Closed"), accepted.kinds());
        assertEquals(Kind.TLS_ALERT, accepted.errorKind());
    }

    static X509Certificate shownTo(Script script) {
        Connection connection = script.connection();
        return connection.tlsSession().orElseThrow().peerCertificates().get(0);
    }

    // ---- servers

    @Test
    void aServerThatIsTrustedAndNamedRightIsConnectedTo() {
        TestCertificate server = good();
        assertEquals(server.certificate(), shownTo(opens(trusting(), TlsOptions.server(server.identity()))));
    }

    @Test
    void aServerThatIsNotIsRefusedWithItsReason() {
        TestCa stranger = TestCa.create(now, "stranger", TestKey.ED25519);
        String host = arm.host();
        refuses(
                Kind.CERTIFICATE_EXPIRED,
                trusting(),
                TlsOptions.server(ca.expired(host).identity()));
        refuses(
                Kind.CERTIFICATE_NOT_YET_VALID,
                trusting(),
                TlsOptions.server(ca.notYetValid(host).identity()));
        refuses(
                Kind.CERTIFICATE_WRONG_HOST,
                trusting(),
                TlsOptions.server(ca.wrongHost().identity()));
        refuses(
                Kind.CERTIFICATE_UNTRUSTED,
                trusting(),
                TlsOptions.server(stranger.server(host).identity()));
        refuses(
                Kind.CERTIFICATE_SELF_SIGNED,
                trusting(),
                TlsOptions.server(TestCa.selfSigned(now, host).identity()));
    }

    @Test
    void theServerNameIsCheckedInPlaceOfTheHost() {
        TlsOptions server = TlsOptions.server(good().identity());
        TlsOptions named = trusting().toBuilder().serverName("www.example.org").build();
        TlsOptions misnamed = trusting().toBuilder().serverName("example.org").build();
        TlsOptions anyName = trusting().toBuilder().serverName("*").build();
        assertTrue(opens(named, server).isOpened());
        refuses(Kind.CERTIFICATE_WRONG_HOST, misnamed, server);
        assertTrue(opens(anyName, TlsOptions.server(ca.wrongHost().identity())).isOpened());
        TestCa stranger = TestCa.create(now, "stranger", TestKey.ED25519);
        refuses(
                Kind.CERTIFICATE_UNTRUSTED,
                anyName,
                TlsOptions.server(stranger.server("x").identity()));
    }

    @Test
    void ofTheThreeModesOnlyOneAcceptsASelfSignedServer() {
        TlsOptions self = TlsOptions.server(TestCa.selfSigned(now, arm.host()).identity());
        refuses(Kind.CERTIFICATE_SELF_SIGNED, TlsOptions.client(TlsMode.VERIFY), self);
        assertTrue(opens(TlsOptions.client(TlsMode.ALLOW_SELF_SIGNED), self).isOpened());
        assertThrows(IllegalArgumentException.class, () -> TlsOptions.client(TlsMode.NONE));
        TlsOptions chained = TlsOptions.server(good().identity());
        refuses(Kind.CERTIFICATE_UNTRUSTED, TlsOptions.client(TlsMode.ALLOW_SELF_SIGNED), chained);
    }

    @Test
    void theNameThatAClientAsksForChoosesTheCertificate() {
        TestCertificate wild = ca.server("*.example.org");
        TlsOptions server = TlsOptions.server(good().identity()).toBuilder()
                .identity(wild.identity())
                .build();
        TlsOptions mail = trusting().toBuilder().serverName("mail.example.org").build();
        assertEquals(wild.certificate(), shownTo(opens(mail, server)));
        TlsOptions www = trusting().toBuilder().serverName("www.example.org").build();
        assertEquals(
                List.of("www.example.org"),
                CertificateNames.of(shownTo(opens(www, server))).dnsNames());
    }

    // ---- clients

    private TlsOptions asking(ClientAuth auth) {
        return TlsOptions.server(good().identity()).toBuilder()
                .trust(ca.trust())
                .clientAuth(auth)
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void aClientWithACertificateIsKnownByItsName(TlsVersion version) {
        Script accepted = script();
        Acceptor acceptor = serve(asking(ClientAuth.REQUIRED), accepted);
        TlsOptions alice = trusting().toBuilder()
                .identity(ca.client("alice").identity())
                .versions(version)
                .build();
        Script made = opens(acceptor, alice);
        until("the server to open", accepted::isOpened);
        assertEquals(
                "alice", CertificateNames.of(shownTo(accepted)).commonName().orElseThrow());
        assertTrue(made.isOpened());
    }

    @ParameterizedTest
    @EnumSource
    void aClientWithoutOneIsRefusedWhereItIsRequired(TlsVersion version) {
        Script accepted = script();
        Script made = script();
        Acceptor acceptor = serve(asking(ClientAuth.REQUIRED), accepted);
        connect(acceptor, trusting().toBuilder().versions(version).build(), made);
        untilClosed(accepted);
        untilClosed(made);
        assertEquals(List.of("HandshakeFailed", "Closed"), accepted.kinds());
        assertEquals(Kind.CERTIFICATE_MISSING, accepted.errorKind());
        assertEquals(Kind.TLS_ALERT, made.errorKind());
    }

    @Test
    void aClientWithoutOneIsLetInWhereItIsWanted() {
        assertTrue(opens(trusting(), asking(ClientAuth.WANTED)).isOpened());
    }

    @Test
    void aListenerWithoutAnIdentityIsMisuse() {
        assertThrows(IllegalArgumentException.class, () -> serve(trusting(), script()));
    }

    // ---- files

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void aServerTakesItsFilesAsPemInOneOrInTwo() throws IOException {
        TestCertificate server = good();
        String parameters = "-----BEGIN DH PARAMETERS-----\nMAYCAQUCAQI=\n-----END DH PARAMETERS-----\n";
        Path one = write("server.pem", server.keyPem() + parameters + server.chainPem());
        Path chain = write("chain.pem", server.chainPem());
        Path key = write("key.pem", server.keyPem());
        TlsOptions client = TlsOptions.client(TlsTrust.authorities(write("ca.pem", ca.pem())));
        assertEquals(server.certificate(), shownTo(opens(client, TlsOptions.server(one))));
        assertEquals(server.certificate(), shownTo(opens(client, TlsOptions.server(chain, key))));
        assertTrue(assertThrows(MalformedPemException.class, () -> TlsOptions.server(chain))
                .getMessage()
                .contains("chain.pem: holds no private key"));
    }

    @Test
    void aCertificateIsRenewedWhileConnectionsLiveOn() throws IOException {
        TestCertificate old = good();
        TestCertificate fresh = good();
        Path file = write("server.pem", old.pem());
        Reloadable<TlsIdentity> identity = Reloadable.of(() -> TlsIdentity.of(file));
        Script accepted = script();
        accepted.on(TcpEvent.Received.class, (connection, received) -> connection.send(received.buffer()));
        Acceptor acceptor = serve(TlsOptions.builder().identity(identity).build(), accepted);
        Script before = opens(acceptor, trusting());

        write("server.pem", "not yet written");
        assertThrows(MalformedPemException.class, identity::reload);
        assertEquals(old.certificate(), shownTo(opens(acceptor, trusting())));

        write("server.pem", fresh.pem());
        identity.reload();
        assertEquals(fresh.certificate(), shownTo(opens(acceptor, trusting())));
        before.connection().send("still here");
        until("the echo over the old connection", () -> before.text().equals("still here"));
        assertEquals(old.certificate(), shownTo(before));
        assertFalse(before.isClosed());
    }
}
