package dev.meerkat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process without descriptors loads no class from a directory, so that none may be missing by then. */
class ClassLoadingTest {
    /** A loader that tells what it has loaded. */
    private static final class Fresh extends URLClassLoader {
        Fresh(URL home) {
            super(new URL[] {home}, ClassLoader.getPlatformClassLoader());
        }

        boolean has(String name) {
            return findLoadedClass(name) != null;
        }
    }

    /** What a program names before it can have such a manager, and so is loaded before there is anything to lose. */
    private static final String FOREIGN_LOOPS =
            "dev\\.meerkat\\.(foreign\\..*|runtime\\.Poller|internal\\.nio\\.\\w+(?<!Selector)Watch\\b.*|.*\\.SharedSelectorWatch)";

    /** What speaks a protocol is loaded by who uses it, and by nobody else. */
    private static final String PROTOCOLS =
            "dev\\.meerkat\\.((http|multipart|topic|websocket|internal\\.(http\\w*|coding|multipart|topic|upload|websocket|ws))\\..*"
                    + "|internal\\.check\\.Tokens)";

    @Test
    void theFirstManagerLoadsEveryClass() throws Exception {
        URL home = EventManager.class.getProtectionDomain().getCodeSource().getLocation();
        Path root = Path.of(home.toURI());
        List<String> all = classesIn(root);
        assertTrue(all.size() > 100, all::toString);
        try (Fresh fresh = new Fresh(home)) {
            Class<?> type = fresh.loadClass(EventManager.class.getName());
            ((AutoCloseable) type.getMethod("create").invoke(null)).close();
            assertEquals(
                    List.of(),
                    all.stream()
                            .filter(name ->
                                    !fresh.has(name) && !name.matches(FOREIGN_LOOPS) && !name.matches(PROTOCOLS))
                            .toList(),
                    "not loaded yet");
        }
    }

    @Test
    void fromAJarOnlyThatIsLoadedWhichIsUsed(@TempDir Path folder) throws Exception {
        URL home = EventManager.class.getProtectionDomain().getCodeSource().getLocation();
        Path root = Path.of(home.toURI());
        Path jar = folder.resolve("core.jar");
        List<String> all = classesIn(root);
        try (ZipOutputStream packed = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String name : all) {
                String file = name.replace('.', '/') + ".class";
                packed.putNextEntry(new ZipEntry(file));
                Files.copy(root.resolve(file), packed);
            }
        }
        try (Fresh fresh = new Fresh(jar.toUri().toURL())) {
            Class<?> type = fresh.loadClass(EventManager.class.getName());
            ((AutoCloseable) type.getMethod("create").invoke(null)).close();
            long loaded = all.stream().filter(fresh::has).count();
            assertTrue(loaded < all.size() / 3, loaded + " of " + all.size());
        }
    }

    private static List<String> classesIn(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString().replace('/', '.'))
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .map(file -> file.substring(0, file.length() - ".class".length()))
                    .sorted()
                    .toList();
        }
    }
}
