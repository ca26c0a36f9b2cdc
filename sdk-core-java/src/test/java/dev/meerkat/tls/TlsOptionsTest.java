package dev.meerkat.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class TlsOptionsTest {
    private static final TlsTrust OWN = TlsTrust.authorities(Samples.file("ed25519"));

    private static void refuses(Runnable misuse) {
        assertThrows(IllegalArgumentException.class, misuse::run);
    }

    @Test
    void aCopyIsTheSame() {
        TlsOptions options = TlsOptions.builder()
                .identity(TlsIdentity.of(Samples.file("ed25519")))
                .trust(OWN)
                .clientAuth(ClientAuth.WANTED)
                .serverName("example.org")
                .versions(TlsVersion.TLS_1_3)
                .cipherSuites("TLS_AES_256_GCM_SHA384")
                .applicationProtocols("h2", "http/1.1")
                .sessions(TlsSessions.NONE)
                .handshakeTimeout(Duration.ofSeconds(3))
                .handshakeTasks(HandshakeTasks.ON_LOOP)
                .build();
        TlsOptions copy = options.toBuilder().build();
        assertEquals(options.identities(), copy.identities());
        assertSame(options.trust(), copy.trust());
        assertEquals(ClientAuth.WANTED, copy.clientAuth());
        assertEquals("example.org", copy.serverName().orElseThrow());
        assertEquals(List.of(TlsVersion.TLS_1_3), copy.versions());
        assertEquals(List.of("TLS_AES_256_GCM_SHA384"), copy.cipherSuites());
        assertEquals(List.of("h2", "http/1.1"), copy.applicationProtocols());
        assertEquals(TlsSessions.NONE, copy.sessions());
        assertEquals(Duration.ofSeconds(3), copy.handshakeTimeout());
        assertEquals(HandshakeTasks.ON_LOOP, copy.handshakeTasks());
        assertEquals(HandshakeTasks.AUTOMATIC, TlsOptions.DEFAULT.handshakeTasks());
        assertTrue(copy.context().isEmpty());
    }

    @Test
    void theFilesOfAServerMayBeOneOrTwo() {
        TlsOptions one = TlsOptions.server(Samples.file("prime256v1-pkcs8"));
        TlsOptions two = TlsOptions.server(Samples.file("prime256v1-pkcs8"), Samples.file("prime256v1-sec1"));
        assertEquals(
                one.identities().get(0).current().chain(),
                two.identities().get(0).current().chain(),
                "they hold the same key");
    }

    @Test
    void aContextBringsIdentityAndTrustOfItsOwn() throws NoSuchAlgorithmException {
        SSLContext context = SSLContext.getDefault();
        assertSame(context, TlsOptions.of(context).context().orElseThrow());
        refuses(() -> TlsOptions.builder().context(context).trust(OWN).build());
        refuses(() -> TlsOptions.of(context).toBuilder()
                .identity(TlsIdentity.of(Samples.file("ed25519")))
                .build());
    }

    @Test
    void clientsAreAskedOnlyForCertificatesOfOwnAuthorities() {
        TlsOptions.Builder asking = TlsOptions.builder().clientAuth(ClientAuth.REQUIRED);
        refuses(asking::build);
        refuses(asking.trust(OWN.allowSelfSigned())::build);
        assertEquals(ClientAuth.REQUIRED, asking.trust(OWN).build().clientAuth());
    }

    @Test
    void applicationProtocolsHaveALength() {
        String longest = "x".repeat(TlsOptions.MAX_APPLICATION_PROTOCOL_BYTES);
        TlsOptions.Builder builder = TlsOptions.builder();
        assertEquals(
                List.of(longest), builder.applicationProtocols(longest).build().applicationProtocols());
        refuses(() -> builder.applicationProtocols(longest + "x"));
        refuses(() -> builder.applicationProtocols(""));
        refuses(() -> builder.applicationProtocols("h\u00FC"));
    }

    @Test
    void applicationProtocolsAreNotMoreThanTheMost() {
        String[] most = IntStream.range(0, TlsOptions.MAX_APPLICATION_PROTOCOLS)
                .mapToObj(i -> "p" + i)
                .toArray(String[]::new);
        TlsOptions.Builder builder = TlsOptions.builder().applicationProtocols(most);
        assertEquals(List.of(most), builder.build().applicationProtocols());
        String[] more = new String[most.length + 1];
        Arrays.fill(more, "p");
        refuses(() -> builder.applicationProtocols(more));
    }

    @Test
    void identitiesAreNotMoreThanTheMost() {
        TlsIdentity identity = TlsIdentity.of(Samples.file("ed25519"));
        TlsOptions.Builder builder = TlsOptions.builder();
        for (int i = 0; i < TlsOptions.MAX_IDENTITIES; i++) {
            builder.identity(identity);
        }
        assertEquals(TlsOptions.MAX_IDENTITIES, builder.build().identities().size());
        refuses(() -> builder.identity(identity));
    }

    @Test
    void authoritiesAreNotMoreThanTheMost() {
        var one = OWN.authorities().get(0);
        assertEquals(
                Pem.MAX_BLOCKS,
                TlsTrust.authorities(Collections.nCopies(Pem.MAX_BLOCKS, one))
                        .authorities()
                        .size());
        refuses(() -> TlsTrust.authorities(Collections.nCopies(Pem.MAX_BLOCKS + 1, one)));
        refuses(() -> TlsTrust.authorities(List.of()));
    }

    @Test
    void aFileWithoutACertificateIsNoTrust() {
        String key = Samples.block(Samples.text("ed25519"), "PRIVATE KEY");
        MalformedPemException refused =
                assertThrows(MalformedPemException.class, () -> TlsTrust.authorities(Pem.parse(key)));
        assertTrue(refused.getMessage().contains("holds no certificate; expected those of the authorities"));
    }

    @Test
    void timesHaveARange() {
        refuses(() -> TlsOptions.builder().handshakeTimeout(Duration.ZERO));
        refuses(() -> new TlsSessions(true, 0, Duration.ofHours(1)));
        refuses(() -> new TlsSessions(true, 1, Duration.ofMillis(999)));
        refuses(() -> new TlsSessions(true, 1, Duration.ofDays(7).plusNanos(1)));
        assertEquals(Duration.ofDays(7), new TlsSessions(true, 1, Duration.ofDays(7)).timeout());
    }

    @Test
    void anEmptyServerNameIsMisuse() {
        refuses(() -> TlsOptions.builder().serverName(""));
    }

    @Test
    void theThreeModesOfAClient() {
        refuses(() -> TlsOptions.client(TlsMode.NONE));
        assertTrue(!TlsOptions.client(TlsMode.VERIFY).trust().current().allowsSelfSigned());
        assertTrue(
                TlsOptions.client(TlsMode.ALLOW_SELF_SIGNED).trust().current().allowsSelfSigned());
    }
}
