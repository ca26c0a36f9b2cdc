package dev.meerkat.testkit.manager;

import dev.meerkat.testkit.TestCa;
import dev.meerkat.tls.TlsOptions;
import java.time.Instant;

/** One server and clients that trust it, for rules that are not about TLS. */
final class TestTls {
    private TestTls() {}

    /**
     * Options that serve and connect alike.
     *
     * @param now what the wall clock of the arm shows
     */
    static TlsOptions options(Instant now) {
        TestCa ca = TestCa.create(now);
        return TlsOptions.server(ca.server("tls.test").identity()).toBuilder()
                .trust(ca.trust())
                .serverName("tls.test")
                .build();
    }
}
