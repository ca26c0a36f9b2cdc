package dev.meerkat.examples.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.testkit.TestCa;
import dev.meerkat.tls.Reloadable;
import dev.meerkat.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecureEchoTest {
    @TempDir
    Path folder;

    @Test
    void aWrongFileLeavesTheOldCertificateInPlace() throws IOException {
        TestCa ca = TestCa.create(Instant.parse("2030-01-01T00:00:00Z"));
        Path file = Files.writeString(
                folder.resolve("server.pem"), ca.server("old.example.org").pem());
        Reloadable<TlsIdentity> identity = Reloadable.of(() -> TlsIdentity.of(file));
        Files.writeString(file, ca.server("new.example.org").chainPem());
        SecureEcho.reload(identity);
        assertEquals("old.example.org", identity.current().names().get(0));
        Files.writeString(file, ca.server("new.example.org").pem());
        SecureEcho.reload(identity);
        assertEquals("new.example.org", identity.current().names().get(0));
    }
}
