package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.testkit.TestKey;
import dev.meerkat.tls.CertificateNames;
import dev.meerkat.tls.ClientAuth;
import dev.meerkat.tls.Reloadable;
import dev.meerkat.tls.TlsIdentity;
import dev.meerkat.tls.TlsOptions;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Certificates, names and protocols, agreed on with an implementation of TLS that nobody here wrote. */
class OpensslCertificateTest extends ManagerRules {
    @TempDir
    Path folder;

    private final List<Process> processes = Collections.synchronizedList(new ArrayList<>());
    private TestCa ca;

    @Override
    Arm openArm() {
        return new NioArm();
    }

    @BeforeEach
    void makeAnAuthority() throws IOException {
        ca = TestCa.create(Instant.now());
        write("ca.pem", ca.pem());
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private Process openssl(File output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        if (output != null) {
            builder.redirectOutput(output);
        }
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /** Lets {@code openssl s_client} connect, say nothing and end; answers what it printed and how it ended. */
    private String client(Acceptor acceptor, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "s_client",
                "-connect",
                arm.host() + ":" + acceptor.port(),
                "-CAfile",
                "ca.pem",
                "-verify_return_error"));
        arguments.addAll(List.of(more));
        File output = folder.resolve("output").toFile();
        Process process = openssl(output, arguments.toArray(String[]::new));
        process.getOutputStream().close();
        until("openssl to end", () -> !process.isAlive());
        return "exit " + process.exitValue() + "\n" + Files.readString(output.toPath(), StandardCharsets.ISO_8859_1);
    }

    private Acceptor serve(TlsOptions tls, Script script) {
        return manager()
                .listen(
                        "tls://" + arm.host() + ":0",
                        ListenOptions.builder().tls(tls).build(),
                        script);
    }

    private static void assertSays(String said, String... expected) {
        for (String part : expected) {
            assertTrue(said.contains(part), () -> "expected \"" + part + "\" in:\n" + said);
        }
    }

    @ParameterizedTest
    @EnumSource(TestKey.class)
    void itVerifiesOurServerWhateverItsKey(TestKey key) throws IOException {
        TestCa root = TestCa.create(Instant.now(), "root", key);
        write("ca.pem", root.pem());
        TestCertificate server = root.request("localhost", arm.host()).key(key).issue();
        Acceptor acceptor = serve(TlsOptions.server(server.identity()), script());
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            assertSays(
                    client(acceptor, version, "-verify_hostname", "localhost"),
                    "exit 0",
                    "Verify return code: 0 (ok)",
                    "Verified peername: localhost");
        }
        acceptor.close();
    }

    @Test
    void itVerifiesAChain() throws IOException {
        TestCertificate server = ca.intermediate("below").server("localhost");
        Acceptor acceptor = serve(TlsOptions.server(server.identity()), script());
        assertSays(client(acceptor), "exit 0", "Verify return code: 0 (ok)", "CN = below");
        acceptor.close();
    }

    @Test
    void itIsShownTheCertificateOfTheNameItAsksFor() throws IOException {
        TlsOptions server = TlsOptions.server(ca.server("first.example.org").identity()).toBuilder()
                .identity(ca.server("*.example.com").identity())
                .build();
        Acceptor acceptor = serve(server, script());
        assertSays(
                client(acceptor, "-servername", "www.example.com", "-verify_hostname", "www.example.com"),
                "exit 0",
                "subject=CN = *.example.com");
        assertSays(client(acceptor, "-servername", "other.example.net"), "subject=CN = first.example.org");
        assertSays(client(acceptor, "-noservername"), "subject=CN = first.example.org");
        acceptor.close();
    }

    @Test
    void itAgreesOnAnApplicationProtocol() throws IOException {
        TlsOptions server = TlsOptions.server(ca.server("localhost").identity()).toBuilder()
                .applicationProtocols("h2", "http/1.1")
                .build();
        Script accepted = script();
        Acceptor acceptor = serve(server, accepted);
        assertSays(client(acceptor, "-alpn", "http/1.1,h2"), "exit 0", "ALPN protocol: h2");
        assertSays(client(acceptor, "-alpn", "http/1.1"), "exit 0", "ALPN protocol: http/1.1");
        assertSays(client(acceptor), "exit 0", "No ALPN negotiated");
        assertSays(client(acceptor, "-alpn", "mqtt"), "exit 1", "alert no application protocol");
        acceptor.close();
    }

    @Test
    void itIsLetInWithACertificateAndNotWithoutWhereOneIsRequired() throws IOException {
        TlsOptions server = TlsOptions.server(ca.server("localhost").identity()).toBuilder()
                .trust(ca.trust())
                .clientAuth(ClientAuth.REQUIRED)
                .build();
        write("alice.pem", ca.client("alice").pem());
        write("mallory.pem", TestCa.create(Instant.now()).client("mallory").pem());
        Script accepted = script();
        Acceptor acceptor = serve(server, accepted);
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            int before = accepted.connections().size();
            assertSays(
                    client(acceptor, version, "-cert", "alice.pem"),
                    "exit 0",
                    "Acceptable client certificate CA names");
            assertEquals(
                    List.of("Opened", "InputClosed", "Closed"),
                    accepted.eventsOf(accepted.connections().get(before)).stream()
                            .map(event -> event.getClass().getSimpleName())
                            .toList());
            for (String[] nobody : new String[][] {{version}, {version, "-cert", "mallory.pem"}}) {
                before = accepted.connections().size();
                String unused = client(acceptor, nobody);
                int index = before;
                until(
                        "the refusal",
                        () -> accepted.connections().size() > index
                                && !accepted.connections().get(index).isOpen());
                assertEquals(
                        List.of("HandshakeFailed", "Closed"),
                        accepted.eventsOf(accepted.connections().get(index)).stream()
                                .map(event -> event.getClass().getSimpleName())
                                .toList());
            }
        }
        acceptor.close();
    }

    @Test
    void itSeesARenewedCertificate() throws IOException {
        List<TlsIdentity> identities = new ArrayList<>(List.of(
                ca.server("old.example.org").identity(),
                ca.server("new.example.org").identity()));
        Reloadable<TlsIdentity> identity = Reloadable.of(() -> identities.remove(0));
        Acceptor acceptor = serve(TlsOptions.builder().identity(identity).build(), script());
        write("session.pem", "");
        assertSays(client(acceptor, "-sess_out", "session.pem", "-tls1_2"), "subject=CN = old.example.org");
        assertSays(client(acceptor, "-sess_in", "session.pem", "-tls1_2"), "Reused, TLSv1.2");
        identity.reload();
        String after = client(acceptor, "-sess_in", "session.pem", "-tls1_2");
        assertSays(after, "subject=CN = new.example.org", "New, TLSv1.2");
        acceptor.close();
    }

    @Test
    void ourClientShowsItsCertificateAndJudgesTheServers() throws IOException {
        write("server.pem", ca.server("localhost", arm.host()).pem());
        Process server = openssl(
                null,
                "s_server",
                "-accept",
                arm.host() + ":0",
                "-cert",
                "server.pem",
                "-CAfile",
                "ca.pem",
                "-Verify",
                "1",
                "-verify_return_error",
                "-alpn",
                "mqtt",
                "-naccept",
                "2");
        BufferedReader said =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.ISO_8859_1));
        String accepting = said.readLine();
        while (accepting != null && !accepting.startsWith("ACCEPT ")) {
            accepting = said.readLine();
        }
        assertTrue(accepting != null, "s_server does not listen");
        String port = accepting.substring(accepting.lastIndexOf(':') + 1);
        TlsOptions alice = TlsOptions.client(ca.trust()).toBuilder()
                .identity(ca.client("alice").identity())
                .applicationProtocols("h2", "mqtt")
                .build();
        Script made = script();
        manager()
                .connect(
                        "tls://" + arm.host() + ":" + port,
                        ConnectOptions.builder().tls(alice).build(),
                        made);
        until("the connection to be opened", made::isOpened);
        var session = made.connection().tlsSession().orElseThrow();
        assertEquals("mqtt", session.applicationProtocol().orElseThrow());
        X509Certificate shown = session.peerCertificates().get(0);
        assertEquals("localhost", CertificateNames.of(shown).commonName().orElseThrow());
        made.connection().close();
        untilClosed(made);

        Script refused = script();
        TlsOptions wrong = alice.toBuilder().serverName("example.org").build();
        manager()
                .connect(
                        "tls://" + arm.host() + ":" + port,
                        ConnectOptions.builder().tls(wrong).build(),
                        refused);
        untilClosed(refused);
        assertFalse(refused.isOpened());
        assertEquals(Kind.CERTIFICATE_WRONG_HOST, refused.errorKind());
    }
}
