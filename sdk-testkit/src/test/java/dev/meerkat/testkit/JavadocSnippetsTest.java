package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Handler;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The snippets of Java in the Javadoc of public types compile: {@code <pre>{@code ... }</pre>}. What stands for more
 * code is written as "…". What a snippet takes for granted is declared in {@link #CONTEXT}; a variable that is not is
 * not looked into.
 */
class JavadocSnippetsTest {
    private static final List<Path> SOURCES = List.of(Path.of("..", "sdk-core-java"), Path.of("."));

    /** A grammar, and what the reader is to write. */
    private static final Set<String> NO_JAVA = Set.of("Poller", "TransportConformance");

    /** A variable that a snippet takes for granted and nobody has declared is the reader's, and not looked into. */
    private static final Pattern THE_READERS =
            Pattern.compile("symbol: +variable [a-z]\\w*\\R +location: class Snippet");

    private static final Pattern SNIPPET = Pattern.compile("<pre>\\{@code\\R(.*?)\\R\\s*\\* ?}</pre>", Pattern.DOTALL);

    /** What begins a declaration that cannot stand in a method. */
    private static final Pattern MEMBER = Pattern.compile("(?s)(@\\w+(\\([^)]*\\))?\\s+)*"
            + "(public|private|static|sealed|final|abstract|class|interface|record|void)\\b.*");

    private static final String OTHERS = Stream.of(
                    "java.io.*",
                    "java.net.*",
                    "java.nio.*",
                    "java.nio.channels.*",
                    "java.nio.file.*",
                    "java.time.*",
                    "java.util.*",
                    "java.util.concurrent.*",
                    "java.util.concurrent.atomic.*",
                    "java.util.function.*",
                    "dev.meerkat.Timer",
                    "org.junit.jupiter.api.*",
                    "static java.nio.charset.StandardCharsets.*",
                    "static org.junit.jupiter.api.Assertions.*")
            .map(JavadocSnippetsTest::imported)
            .collect(Collectors.joining());

    private static final String CONTEXT = """
            abstract class Context {
                static final Duration ONE_SECOND = Duration.ofSeconds(1);
                EventManager manager;
                EventManagerGroup group;
                Acceptor acceptor;
                Connection connection;
                Handler handler;
                Router router;
                Request request;
                Response response;
                HttpServerOptions options;
                HttpClient client;
                WebSocketServer server;
                HttpHandler site, customers;
                HttpFilter authentication;
                FakeClock clock;
                Selector selector;
                InetAddress peer;
                Map<String, String> passwords;
                Accounts accounts;
                Library library;
                SimWorld world;
                SimHost first, second;
                SimConfig config;
                byte[] bytes;
                String id, query;
                Iterator<String> rows;
                WebSocket webSocket;
                List<WebSocket> webSockets;
                TopicBus bus;
                Path root;
                boolean running;

                abstract void ask(InetAddress server);
                abstract void log(String line);
                abstract void serveMyOwn(SelectionKey key);
                abstract boolean isKnown(Request somebody);
                abstract void test(SimWorld world) throws Exception;

                interface Accounts {
                    boolean check(String user, String password);
                }

                interface Library {
                    void serve(SocketChannel channel);
                }

                static class EchoHandler implements Handler {
                    public void onEvent(Connection connection, Event event) {}
                }

                static class ChatHandler extends EchoHandler {}

                static class Greeter implements WebSocketHandler {
                    public void onEvent(WebSocket webSocket, Event event) {}
                }

                static class ChatRoom extends Greeter {}

                static class Guest {}

                static class NoSuchRoom extends Exception {}

                static class Session {
                    void receive(Bytes datagram) {}
                }

                static class Rows implements BodyProducer {
                    Rows(String query) {}

                    public void produce(BodyOutput output) {}
                }
            }
            """;

    /** One snippet, and where it stands. */
    private record Snippet(String where, String text) {}

    private static List<Snippet> snippets() throws IOException {
        List<Snippet> all = new ArrayList<>();
        for (Path module : SOURCES) {
            Path root = module.resolve("src/main/java/dev/meerkat");
            if (!Files.isDirectory(root)) {
                throw new IllegalStateException("no sources at " + root.toAbsolutePath());
            }
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file :
                        files.filter(JavadocSnippetsTest::isPublic).sorted().toList()) {
                    String name = file.getFileName().toString().replace(".java", "");
                    Matcher found = SNIPPET.matcher(Files.readString(file));
                    boolean compiled = !NO_JAVA.contains(name);
                    while (compiled && found.find()) {
                        String text = found.group(1).replaceAll("(?m)^\\s*\\* ?", "");
                        all.add(new Snippet(root.relativize(file).toString(), text));
                    }
                }
            }
        }
        return all;
    }

    private static String imported(String name) {
        return "import " + name + ";\n";
    }

    /** All packages that programs may use. */
    private static String imports() throws IOException {
        StringBuilder imports = new StringBuilder(OTHERS);
        for (Path module : SOURCES) {
            Path root = module.resolve("src/main/java");
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.endsWith("package-info.java") && isPublic(file))
                        .map(file ->
                                root.relativize(file.getParent()).toString().replace('/', '.'))
                        .sorted()
                        .forEach(name -> imports.append(imported(name + ".*")));
            }
        }
        return imports.toString();
    }

    private static boolean isPublic(Path file) {
        return file.toString().endsWith(".java") && !file.toString().contains("internal");
    }

    /** Declarations become members of a class, everything else the body of a method. */
    private static String wrapped(String imports, String name, String snippet) {
        String code = snippet.replaceAll("(?m)\\s//\\s.*$", "").replace("…", "");
        StringBuilder members = new StringBuilder();
        StringBuilder statements = new StringBuilder();
        for (String block : blocks(code)) {
            if (MEMBER.matcher(block.strip()).matches()) {
                members.append(block).append('\n');
            } else {
                boolean ended = block.isBlank() || block.strip().matches("(?s).*[;}]");
                statements.append(block.stripTrailing()).append(ended ? "\n" : ";\n");
            }
        }
        return imports + "abstract class " + name + " extends Context {\n" + members
                + "void snippet() throws Throwable {\n" + statements + "}\n}\n";
    }

    /** What stands between blank lines, unless those are within braces. */
    private static List<String> blocks(String code) {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = new StringBuilder();
        int depth = 0;
        for (String line : code.split("\\R")) {
            if (line.isBlank() && depth == 0) {
                blocks.add(block.toString());
                block.setLength(0);
            }
            block.append(line).append('\n');
            depth += (int) line.chars().filter(c -> c == '{').count();
            depth -= (int) line.chars().filter(c -> c == '}').count();
        }
        blocks.add(block.toString());
        return blocks;
    }

    private static String classPath() {
        return Stream.of(Handler.class, FakeClock.class, Test.class, org.jspecify.annotations.Nullable.class)
                .map(type -> {
                    try {
                        return Path.of(type.getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                                .toString();
                    } catch (URISyntaxException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .collect(Collectors.joining(System.getProperty("path.separator")));
    }

    @Test
    void whatTheJavadocShowsCompiles(@TempDir Path directory) throws IOException, InterruptedException {
        List<Snippet> snippets = snippets();
        assertTrue(snippets.size() > 50, "snippets found: " + snippets.size());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "javac").toString(),
                "-proc:none",
                "-nowarn",
                "-Xmaxerrs",
                "1000",
                "-encoding",
                "UTF-8",
                "-d",
                directory.resolve("classes").toString(),
                "-classpath",
                classPath()));
        String imports = imports();
        command.add(write(directory, "Context", imports + CONTEXT));
        for (int i = 0; i < snippets.size(); i++) {
            String name = "Snippet" + i + "_" + snippets.get(i).where().replaceAll("\\W+", "_");
            command.add(write(
                    directory, name, wrapped(imports, name, snippets.get(i).text())));
        }
        Path said = directory.resolve("said");
        Process javac = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        int result = javac.waitFor();
        String text = Files.readString(said);
        List<String> errors = Stream.of(text.split("(?m)^(?=\\S+\\.java:\\d+: )"))
                .filter(each ->
                        each.contains(": error: ") && !THE_READERS.matcher(each).find())
                .toList();
        assertEquals(List.of(), errors, text);
        assertTrue(result == 0 || THE_READERS.matcher(text).find(), text); // it has run at all
    }

    private static String write(Path directory, String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name + ".java"), text).toString();
    }
}
