package dev.meerkat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.http.Router;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a server out of a jar loads from its start to its first answer. Processor time is spent on what is loaded, which
 * can be counted exactly; docs/performance.md has the time. Decision 0067.
 */
@Timeout(60)
class StartTest {
    /** There were 252 when this was written; a tenth more is a new feature on the way of every server. */
    private static final int MOST_CLASSES = 275;

    private static final Predicate<String> OURS = name -> name.startsWith("dev.meerkat.");

    private static List<String> loaded = List.of();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        Path jar = folder.resolve("core.jar");
        Path root = home(EventManager.class);
        try (Stream<Path> files = Files.walk(root);
                ZipOutputStream packed = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                packed.putNextEntry(
                        new ZipEntry(root.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, packed);
            }
        }
        Path log = folder.resolve("classes.log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + log.getFileName(),
                        "-cp",
                        jar + File.pathSeparator + home(StartTest.class),
                        Server.class.getName())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("HTTP/1.1 200 OK"), said);
        loaded = Files.readAllLines(log, StandardCharsets.UTF_8).stream()
                .filter(line -> line.contains(" source: "))
                .map(line -> line.substring(
                                line.indexOf("] ") < 0 ? 0 : line.lastIndexOf("] ") + 2, line.indexOf(" source: "))
                        .strip())
                .toList();
        assertTrue(loaded.contains(EventManager.class.getName()), "the log names classes");
    }

    private static Path home(Class<?> type) throws Exception {
        URL location = type.getProtectionDomain().getCodeSource().getLocation();
        return Path.of(location.toURI());
    }

    private static List<String> those(Predicate<String> which) {
        return loaded.stream().filter(which).toList();
    }

    @Test
    void noClassIsMadeForALambdaOrARecord() {
        assertEquals(List.of(), those(OURS.and(name -> name.contains("$$Lambda"))), "the JDK makes a class of each");
        assertEquals(List.of(), those(name -> name.equals("java.lang.runtime.ObjectMethods")), "equals of a record");
    }

    @Test
    void notMoreIsLoadedThanIsUsed() {
        int count = those(OURS.and(name -> !name.contains("StartTest"))).size();
        assertTrue(count <= MOST_CLASSES, count + " classes");
    }

    @Test
    void whatAServerNeedsLaterIsNotMadeReady() {
        assertEquals(
                List.of(),
                those(name -> name.startsWith("java.util.logging.")
                        || name.startsWith("jdk.internal.logger.")
                        || name.startsWith("java.time.format.")
                        || name.startsWith("java.time.zone.")
                        || name.startsWith("java.util.stream.Int")
                        || name.startsWith("dev.meerkat.internal.tls.")),
                "loggers, formats, time zones, encryption");
    }

    /** Answers one request, and is done. */
    static final class Server {
        private Server() {}

        /** The process. */
        public static void main(String[] args) throws IOException {
            Router router =
                    Router.create().get("/", new Hello()).post("/things/{thing}", HttpHandler.streaming(new Hello()));
            try (EventManagerGroup group =
                    EventManagerGroup.builder().managers(1).build()) {
                group.start();
                int port = group.listen("http://127.0.0.1:0", HttpServer.handler(router))
                        .port();
                try (Socket client = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port)) {
                    client.getOutputStream()
                            .write("GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                    byte[] answer = new byte[1024];
                    int count = client.getInputStream().read(answer);
                    System.out.println(new String(answer, 0, count, StandardCharsets.UTF_8));
                    Runtime.getRuntime().halt(0); // what ending takes is not counted
                }
            }
        }
    }

    private static final class Hello implements HttpHandler {
        @Override
        public Response handle(Request request) {
            return Response.text("Hello");
        }
    }
}
