package dev.meerkat.rules;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * Finds public and protected members without a complete Javadoc comment.
 *
 * <p>The compiler itself could say so in every build, but for one thing: of a record's compact constructor, JDK 17
 * wants the parameters described once more, though the record has done that. Everything else that doclint checks, the
 * build asks of the compiler.
 */
final class JavadocCompleteness {
    private static final Pattern COMPACT_CONSTRUCTOR = Pattern.compile("\\s*(public|protected) \\w+ \\{\\s*");

    private JavadocCompleteness() {}

    static List<String> gaps(Path sourceRoot, Path classes) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var found = new DiagnosticCollector<JavaFileObject>();
        try (var files = compiler.getStandardFileManager(found, Locale.ROOT, UTF_8);
                var paths = Files.walk(sourceRoot)) {
            var sources = paths.filter(path -> path.toString().endsWith(".java") && !path.endsWith("module-info.java"))
                    .toList();
            if (sources.isEmpty()) {
                return List.of();
            }
            var options = List.of(
                    "-proc:none",
                    "-implicit:none",
                    "-Xdoclint:missing/protected",
                    "-Xdoclint/package:-dev.meerkat.internal.*,-dev.meerkat.testkit.internal",
                    "-Xmaxwarns",
                    "10000",
                    "-classpath",
                    classes + File.pathSeparator + System.getProperty("java.class.path"),
                    "-XDshould-stop.ifNoError=FLOW");
            compiler.getTask(null, files, found, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            return describe(found.getDiagnostics());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> describe(List<Diagnostic<? extends JavaFileObject>> diagnostics) throws IOException {
        var gaps = new ArrayList<String>();
        for (var diagnostic : diagnostics) {
            var source = diagnostic.getSource();
            if (source == null) {
                continue;
            }
            String line = source.getCharContent(true)
                    .toString()
                    .lines()
                    .skip(diagnostic.getLineNumber() - 1)
                    .findFirst()
                    .orElse("");
            if (!COMPACT_CONSTRUCTOR.matcher(line).matches()) {
                gaps.add(diagnostic.toString());
            }
        }
        return gaps;
    }
}
