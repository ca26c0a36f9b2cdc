package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Handler;
import dev.meerkat.ListenException;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.TcpEvent;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Unix domain sockets of a simulated host, as a test sees them. */
class SimFilesTest {
    private static final SocketAddress PATH = UnixDomainSocketAddress.of("/run/app.sock");

    private static final Handler WHO_ARE_YOU = (connection, event) -> {
        if (event instanceof TcpEvent.Opened) {
            connection
                    .send(connection.peerCredentials().orElseThrow().user() + "\n")
                    .close();
        }
    };

    @Test
    void aTestTalksToAProgramOverAPath() {
        SimWorld.run(world -> {
            SimHost host = world.host("host").start(manager -> manager.listen("unix:/run/app.sock", WHO_ARE_YOU));
            StreamEnd end = host.beginStream(PATH).expectConnected();
            assertEquals(PATH, end.remoteAddress());
            assertEquals(UnixDomainSocketAddress.of(""), end.localAddress());
            end.expectText("meerkat\n").expectEnd().close();
        });
    }

    @Test
    void aProgramTalksToATestOverAPath() {
        SimWorld.run(world -> {
            SimHost host = world.host("host");
            ListenerEnd listener = host.listener(PATH, 1);
            assertEquals(PATH, listener.localAddress());
            host.connect("unix:/run/app.sock", (connection, event) -> {
                if (event instanceof TcpEvent.Opened) {
                    connection.send("hello").close();
                }
            });
            listener.accept().expectText("hello").expectEnd().close();
            listener.close();
            assertFalse(host.files().exists("/run/app.sock"));
        });
    }

    @Test
    void thePathsOfAHostAreItsOwn() {
        SimWorld.run(world -> {
            world.host("one").start(manager -> manager.listen("unix:/run/app.sock", WHO_ARE_YOU));
            assertThrows(UncheckedIOException.class, () -> world.host("two").beginStream(PATH));
        });
    }

    @Test
    void programsRunAsWhomTheTestSays() {
        SimWorld.run(world -> {
            SimHost host = world.host("host").start(manager -> manager.listen("unix:/run/app.sock", WHO_ARE_YOU));
            host.files().runAs("alice", "users");
            host.beginStream(PATH).expectText("alice\n").expectEnd().close();
        });
    }

    @Test
    void whatIsDeniedIsPermittedAgain() {
        SimWorld.run(world -> {
            SimHost host = world.host("host").start(manager -> manager.listen("unix:/run/app.sock", WHO_ARE_YOU));
            List<ConnectionError.Kind> kinds = new ArrayList<>();
            host.files().deny("/run/app.sock");
            host.connect("unix:/run/app.sock", (connection, event) -> {
                if (event instanceof TcpEvent.ConnectFailed failed) {
                    kinds.add(failed.error().kind());
                }
            });
            world.await("the failure", () -> !kinds.isEmpty());
            assertEquals(List.of(ConnectionError.Kind.PERMISSION_DENIED), kinds);
            host.files().permit("/run/app.sock");
            host.beginStream(PATH).expectText("meerkat\n").expectEnd().close();
        });
    }

    @Test
    void aServerMeetsWhatIsThere() {
        SimWorld.run(world -> {
            SimHost host = world.host("host");
            SimFiles files = host.files().makeStaleSocket("/run/dead").makeFile("/run/file");
            ListenOptions options =
                    ListenOptions.builder().socketFilePermissions("rw-rw----").build();
            host.manager().listen("unix:/run/dead", options, WHO_ARE_YOU);
            assertEquals(Optional.of(PosixFilePermissions.fromString("rw-rw----")), files.permissions("/run/dead"));
            assertThrows(ListenException.class, () -> host.manager().listen("unix:/run/file", WHO_ARE_YOU));
            assertThrows(ListenException.class, () -> host.manager().listen("unix:/srv/app/socket", WHO_ARE_YOU));
            files.makeDirectory("/srv/app");
            host.manager().listen("unix:/srv/app/../app/./socket", WHO_ARE_YOU);
            assertTrue(files.exists("srv/app/socket"));
            files.delete("/srv/app/socket");
            assertFalse(files.exists("/srv/app/socket"));
        });
    }
}
