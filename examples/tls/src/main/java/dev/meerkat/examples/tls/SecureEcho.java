package dev.meerkat.examples.tls;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.ListenOptions;
import dev.meerkat.Timer;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.tls.Reloadable;
import dev.meerkat.tls.TlsIdentity;
import dev.meerkat.tls.TlsOptions;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Echo over TLS. Replace the file while it runs, and new connections see the new certificate; those that are open live
 * on. A file that is wrong is named, and the old certificate stays.
 *
 * <pre>
 *   openssl req -x509 -newkey ed25519 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost \
 *           -keyout server.pem -out certificate.pem &amp;&amp; cat certificate.pem &gt;&gt; server.pem
 *   mvn -q -pl examples/tls -am compile exec:java -Dexec.args=server.pem
 *   openssl s_client -connect localhost:8443 -CAfile certificate.pem
 * </pre>
 */
public final class SecureEcho {
    private SecureEcho() {}

    /**
     * Serves until the process is told to end.
     *
     * @param args a PEM file with certificate and key
     */
    public static void main(String[] args) {
        Path file = Path.of(args.length == 0 ? "server.pem" : args[0]);
        Reloadable<TlsIdentity> identity = Reloadable.of(() -> TlsIdentity.of(file));
        try (EventManager manager = EventManager.create()) {
            Acceptor acceptor = listen(manager, "tls://localhost:8443", identity);
            manager.scheduleAtFixedRate(
                    Duration.ofMinutes(1), Duration.ofMinutes(1), Timer.Overrun.SKIP, () -> reload(identity));
            identity.current().warnings().forEach(System.err::println);
            System.out.println("listening on port " + acceptor.port() + " as " + identity.current());
            manager.run();
        }
    }

    static Acceptor listen(EventManager manager, String address, Reloadable<TlsIdentity> identity) {
        TlsOptions tls = TlsOptions.builder().identity(identity).build();
        return manager.listen(address, ListenOptions.builder().tls(tls).build(), SecureEcho::echo);
    }

    private static void echo(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
        } else if (event instanceof TcpEvent.HandshakeFailed failed) {
            System.err.println(
                    connection.remoteAddress() + ": " + failed.error().message());
        }
    }

    static void reload(Reloadable<TlsIdentity> identity) {
        try {
            identity.reload(); // a small file, once a minute; a large one is better read on a worker
        } catch (IllegalArgumentException | UncheckedIOException wrongFile) {
            System.err.println("the old certificate stays: " + wrongFile.getMessage());
        }
    }
}
