package dev.meerkat.testkit.manager;

import dev.meerkat.tls.TlsOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A server "tls.test", at 127.0.0.1 too, with an Ed25519 key, and clients that trust it. */
final class TestTls {
    private static final String STORE = ""
            + "MIIDsgIBAzCCA1wGCSqGSIb3DQEHAaCCA00EggNJMIIDRTCCAQwGCSqGSIb3DQEHAaCB/gSB+zCB+DCB9QYLKoZIhvcNAQwKAQKg"
            + "ga0wgaowZgYJKoZIhvcNAQUNMFkwOAYJKoZIhvcNAQUMMCsEFHP29l/yH98MiQMTrf96UW35dc6WAgInEAIBIDAMBggqhkiG9w0C"
            + "CQUAMB0GCWCGSAFlAwQBKgQQPDD22LQxghaAJRRBL5E/mgRASwVRBfBiuWEc8JjFE8vrZztiWduGD25Gv5XkhmaWu5Nnw63Wm58O"
            + "Ukgi1BfkYCGXBsJdhg7+OToWbMNce52ISDE2MBEGCSqGSIb3DQEJFDEEHgIAczAhBgkqhkiG9w0BCRUxFAQSVGltZSAxNzk1MjY2"
            + "NTY5MDIzMIICMQYJKoZIhvcNAQcGoIICIjCCAh4CAQAwggIXBgkqhkiG9w0BBwEwZgYJKoZIhvcNAQUNMFkwOAYJKoZIhvcNAQUM"
            + "MCsEFAYGjx0klMGU2EaeYjURICawNv0WAgInEAIBIDAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQKlzGFHwFu1Oa9/WzjhNl"
            + "7oCCAaDzB44cYAZRPxp01zvOQCQuLMe55dDYMx4YICLZhhbjzcrH5LCCdjj9TAK9frZkEuQoiD+jbhf02yUl3FjKOqIm17I6zrPk"
            + "4CSorQYJaZk2KPhtD+2HoOTWBQ93p7xUSlcyQjFLDVdserFRCE/2W29SK+1FzWm5d3ivz5GyyuVVpLddL3aJG9OfVh7qWDFmbLj3"
            + "SYjvS22D8Rv7OMSc3+qDyt0Klu97uVI4myKDdkuliilTBxWNRfleC6BZFtMGGwCQggEwx1VZmeeNhm9BzZULntG8B0nOyF7sbvoz"
            + "Sg+ICJzEeP9/a7Xnpqvn0nC4ZKkKJLUjQRNIH/MPyNWpxU1Bb3NYzpSOa5DpIlp8NwICOK3lPgeRY5AiVDEmces+CbCdwRLB5IaX"
            + "zjjBQOHNJ+HFnvoGPME76OsZyebyVpuLSrmrtnCId76BfOPLkzXIS2sKFOGox29oVk8DXbP3p3Fg+nMqUelEss6QsqAXlOZkRjiw"
            + "/U0y28DDdknogKLsb3wjL7SgMy5UAe8V3UosAtzGCvUF5r5+gyTto+4JtR8eRzBNMDEwDQYJYIZIAWUDBAIBBQAEIAYo3ffDHQCl"
            + "whXb+8IdRDhIR29lB/1k+jJmncThKCTCBBSinQBYikEEWUNYilFLX10tq1is7wICJxA=";

    private TestTls() {}

    static TlsOptions options() {
        return TlsOptions.builder().context(context()).serverName("tls.test").build();
    }

    static SSLContext context() {
        char[] password = "secret".toCharArray();
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(new ByteArrayInputStream(Base64.getDecoder().decode(STORE)), password);
            KeyManagerFactory identity = KeyManagerFactory.getInstance("PKIX");
            identity.init(keys, password);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("s", keys.getCertificate("s"));
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
