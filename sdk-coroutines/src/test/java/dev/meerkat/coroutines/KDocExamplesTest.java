package dev.meerkat.coroutines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every example in Kotlin, of the KDoc and of the documents, stands in {@code KDocExamples.kt} too, which is compiled.
 */
class KDocExamplesTest {
    private static final Pattern EXAMPLE = Pattern.compile("```kotlin\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern MARGIN = Pattern.compile("(?m)^ *\\* ?");
    private static final Path COMPILED = Path.of("src/test/kotlin/dev/meerkat/coroutines/KDocExamples.kt");

    /** As many as there were when this was written: fewer are found only if the search is broken. */
    private static final int AT_LEAST = 21;

    @Test
    void everyExampleIsCompiled() throws IOException {
        String compiled = withoutSpace(Files.readString(COMPILED));
        List<String> others = new ArrayList<>();
        int count = 0;
        for (Path file : documented()) {
            String text = Files.readString(file);
            Matcher example = EXAMPLE.matcher(
                    file.toString().endsWith(".kt") ? MARGIN.matcher(text).replaceAll("") : text);
            while (example.find()) {
                count++;
                if (!compiled.contains(withoutSpace(example.group(1)))) {
                    others.add(file + ":\n" + example.group(1));
                }
            }
        }
        assertEquals(List.of(), others, "examples that nobody compiles; put them into " + COMPILED);
        assertTrue(count >= AT_LEAST, "only " + count + " found");
    }

    private static List<Path> documented() throws IOException {
        List<Path> files = new ArrayList<>(List.of(Path.of("../README.md")));
        for (Path folder : List.of(Path.of("src/main/kotlin"), Path.of("../docs"))) {
            try (Stream<Path> found = Files.walk(folder)) {
                found.filter(file -> file.toString().matches(".*\\.(kt|md)")).forEach(files::add);
            }
        }
        return files;
    }

    private static String withoutSpace(String text) {
        return text.replaceAll("\\s+", "");
    }
}
