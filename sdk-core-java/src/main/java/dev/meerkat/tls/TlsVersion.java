package dev.meerkat.tls;

/** The versions of TLS that are spoken. Older ones are broken and refused (RFC 8996). */
public enum TlsVersion {
    /** TLS 1.2, RFC 5246. */
    TLS_1_2("TLSv1.2"),
    /** TLS 1.3, RFC 8446. */
    TLS_1_3("TLSv1.3");

    private final String jdkName;

    TlsVersion(String jdkName) {
        this.jdkName = jdkName;
    }

    /**
     * The name that the JDK gives it, for instance in {@link javax.net.ssl.SSLSession#getProtocol()}.
     *
     * @return the name
     */
    public String jdkName() {
        return jdkName;
    }
}
