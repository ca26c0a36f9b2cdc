package dev.meerkat.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the openssl of this machine writes today is read, whatever numbers it draws. */
class PemOpensslTest {
    @TempDir
    Path folder;

    private void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    private void certify() throws Exception {
        openssl("req", "-x509", "-new", "-key", "key.pem", "-subj", "/CN=fresh", "-out", "cert.pem");
    }

    private void readsEveryForm(String traditional) throws Exception {
        certify();
        Path certificate = folder.resolve("cert.pem");
        TlsIdentity plain = TlsIdentity.of(certificate, folder.resolve("key.pem"));
        openssl("pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:swordfish", "-out", "encrypted.pem");
        Pem encrypted = Pem.read(folder.resolve("encrypted.pem")).decrypt(Samples.PASSWORD);
        assertEquals(
                plain.key(), TlsIdentity.of(Pem.read(certificate), encrypted).key());
        if (!traditional.isEmpty()) {
            openssl(
                    traditional,
                    "-in",
                    "key.pem",
                    "-out",
                    "old.pem",
                    traditional.equals("rsa") ? "-traditional" : "-text");
            Pem old = Pem.read(folder.resolve("old.pem"));
            assertEquals(Samples.secret(encrypted), Samples.secret(old));
            assertEquals(
                    plain.chain(), TlsIdentity.of(Pem.read(certificate), old).chain());
        }
    }

    @Test
    void rsa() throws Exception {
        openssl("genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "key.pem");
        readsEveryForm("rsa");
    }

    @Test
    void p256() throws Exception {
        openssl("genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "key.pem");
        readsEveryForm("ec");
    }

    @Test
    void p384() throws Exception {
        openssl("genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "key.pem");
        readsEveryForm("ec");
    }

    @Test
    void p521() throws Exception {
        openssl("genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-out", "key.pem");
        readsEveryForm("ec");
    }

    @Test
    void ed25519() throws Exception {
        openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem");
        readsEveryForm("");
    }
}
