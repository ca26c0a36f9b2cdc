package dev.meerkat.rules;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jetbrains.kotlin.abi.tools.AbiFilters;
import org.jetbrains.kotlin.abi.tools.AbiTools;

/** The public and protected members of compiled classes, Java's and Kotlin's alike, as text. */
final class PublicApi {
    private static final Pattern TYPE_NAME = Pattern.compile(".*(?:class|interface) (\\S+).*");

    private PublicApi() {}

    static String dump(Path classes) throws IOException {
        List<File> files;
        try (var paths = Files.walk(classes)) {
            files = paths.filter(path -> path.toString().endsWith(".class"))
                    .sorted()
                    .map(Path::toFile)
                    .toList();
        }
        var text = new StringBuilder();
        AbiTools.Companion.getInstance(PublicApi.class.getClassLoader())
                .printJvmDump(text, files, new AbiFilters(Set.of(), Set.of("**.internal.**"), Set.of(), Set.of()));
        return text.toString();
    }

    /** Lists the lines that only one of two dumps has, each with the class it belongs to. */
    static List<String> difference(String committed, String actual) {
        var before = members(committed);
        var after = members(actual);
        return Stream.concat(
                        before.stream().filter(line -> !after.contains(line)).map(line -> "gone: " + line),
                        after.stream().filter(line -> !before.contains(line)).map(line -> "new:  " + line))
                .toList();
    }

    private static Set<String> members(String dump) {
        var members = new LinkedHashSet<String>();
        String type = "";
        for (String line : dump.lines().toList()) {
            if (line.startsWith("\t")) {
                members.add(type + " " + line.strip());
            } else if (line.endsWith("{")) {
                type = TYPE_NAME.matcher(line).replaceFirst("$1");
                members.add(line);
            }
        }
        return members;
    }
}
