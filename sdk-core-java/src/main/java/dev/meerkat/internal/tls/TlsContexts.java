package dev.meerkat.internal.tls;

import dev.meerkat.runtime.TimeSource;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsVersion;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * Turns options into engines. One object serves one {@link TlsOptions} on one clock, in both roles; its engines share a
 * context, and so their sessions. Callable from any thread.
 */
public final class TlsContexts {
    private static final String ANY_NAME = "*";

    private final TlsOptions options;
    private final SSLContext context;

    private TlsContexts(TlsOptions options) {
        this.options = options;
        this.context = options.context().orElseGet(TlsContexts::defaultContext);
    }

    /**
     * Finds or makes what belongs to these options.
     *
     * @param options the options
     * @param time whose wall clock certificates are checked against
     * @return the same object for the same arguments, as long as the options are in use
     */
    public static TlsContexts of(TlsOptions options, TimeSource time) {
        return new TlsContexts(options);
    }

    /**
     * Makes an engine for a connection that was accepted.
     *
     * @return a new engine, its handshake not begun
     * @throws IllegalArgumentException if the options have no identity, so that they cannot serve
     */
    public SSLEngine serverEngine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = parameters(engine);
        parameters.setUseCipherSuitesOrder(true);
        switch (options.clientAuth()) {
            case NONE -> parameters.setNeedClientAuth(false);
            case WANTED -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /**
     * Makes an engine for a connection that was made.
     *
     * @param host the host that was connected to: a name, or the text of an IP address
     * @param port the port that was connected to
     * @return a new engine, its handshake not begun
     */
    public SSLEngine clientEngine(String host, int port) {
        String name =
                options.serverName().filter(given -> !given.equals(ANY_NAME)).orElse(host);
        SSLEngine engine = context.createSSLEngine(name, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = parameters(engine);
        parameters.setServerNames(serverNames(name));
        if (!options.serverName().orElse("").equals(ANY_NAME)) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private SSLParameters parameters(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(
                options.versions().stream().map(TlsVersion::jdkName).toArray(String[]::new));
        if (!options.cipherSuites().isEmpty()) {
            parameters.setCipherSuites(options.cipherSuites().toArray(String[]::new));
        }
        parameters.setApplicationProtocols(options.applicationProtocols().toArray(String[]::new));
        return parameters;
    }

    private static List<SNIServerName> serverNames(String name) {
        boolean isAddress = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
        return isAddress ? List.of() : List.of(new SNIHostName(name));
    }

    private static SSLContext defaultContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }
}
