package dev.meerkat.rules;

import static org.junit.jupiter.api.Assertions.fail;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What holds in every sdk module. Each has one test class that inherits these rules and adds its own. */
public abstract class HouseRules {
    private static final Path MAIN_CLASSES = Path.of("target", "classes");
    private static final Path TEST_CLASSES = Path.of("target", "test-classes");

    /** The module's own classes; surefire runs in the module's folder. */
    protected static final JavaClasses MAIN = new ClassFileImporter().importPath(MAIN_CLASSES);

    private final String[] permittedCalls;

    /** Takes globs {@code caller -> called} for calls that this module may make though they are banned. */
    protected HouseRules(String... permittedCalls) {
        this.permittedCalls = permittedCalls;
    }

    /** Fails with one line per violation. */
    protected static void assertNone(String rule, List<String> violations) {
        if (!violations.isEmpty()) {
            fail(rule + "\n" + String.join("\n", violations));
        }
    }

    @Test
    void timeRandomThreadsAndNamesAreInjected() {
        assertNone(
                "These belong behind the runtime seam, or depend on the machine they run on:",
                BannedCalls.inMain(MAIN, permittedCalls));
    }

    @Test
    void noTestSleeps() {
        assertNone(
                "Only a test's own clock moves time:",
                BannedCalls.inTests(new ClassFileImporter().importPath(TEST_CLASSES)));
    }

    @Test
    void everyJavaPackageIsNullMarked() {
        var unmarked = new TreeSet<String>();
        for (JavaClass type : MAIN) {
            boolean isJava = type.getSource()
                    .flatMap(source -> source.getFileName())
                    .filter(name -> name.endsWith(".java") && !name.equals("module-info.java"))
                    .isPresent();
            if (isJava && !type.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked")) {
                unmarked.add(type.getPackageName());
            }
        }
        assertNone("These packages have no @NullMarked package-info:", List.copyOf(unmarked));
    }

    @Test
    void publicMembersAreDocumented() {
        assertNone(
                "Javadoc is missing or incomplete:",
                JavadocCompleteness.gaps(Path.of("src", "main", "java"), MAIN_CLASSES));
    }

    @Test
    void publicApiIsAsCommitted() throws Exception {
        Path committed = Path.of("api", Path.of("").toAbsolutePath().getFileName() + ".api");
        String actual = PublicApi.dump(MAIN_CLASSES);
        if (Boolean.getBoolean("update.api")) {
            Files.createDirectories(committed.getParent());
            Files.writeString(committed, actual);
        }
        String expected = Files.exists(committed) ? Files.readString(committed) : "";
        assertNone(
                "The public API changed. Rerun with clean -Dupdate.api=true, read the difference, commit it.",
                PublicApi.difference(expected, actual));
    }
}
