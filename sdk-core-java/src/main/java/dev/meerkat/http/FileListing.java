package dev.meerkat.http;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A directory as a page. What would not be served is not listed. */
final class FileListing {
    /** A page of more lines is of use to nobody, and takes a megabyte. */
    static final int MOST_ENTRIES = 10_000;

    private record Entry(String name, boolean isDirectory, long size, Instant modified) {}

    private FileListing() {}

    /**
     * Makes the page.
     *
     * @param names the directory, below the root
     * @param real where it is
     */
    static String of(FileTree tree, List<String> names, Path real, FileOptions options) throws IOException {
        List<Entry> entries = new ArrayList<>();
        boolean more = false;
        try (DirectoryStream<Path> directory = Files.newDirectoryStream(real)) {
            for (Path each : directory) {
                if (entries.size() == MOST_ENTRIES) {
                    more = true;
                    break;
                }
                Entry entry = entry(tree, names, each, options);
                if (entry != null) {
                    entries.add(entry);
                }
            }
        }
        entries.sort(Comparator.comparing((Entry entry) -> !entry.isDirectory()).thenComparing(Entry::name));
        return page(names, entries, more);
    }

    private static @Nullable Entry entry(FileTree tree, List<String> names, Path path, FileOptions options)
            throws IOException {
        Path last = path.getFileName();
        String name = last == null ? "" : last.toString();
        if (name.endsWith("/")) {
            name = name.substring(0, name.length() - 1); // a directory of an archive
        }
        if (name.isEmpty() || (!options.hidden() && FilePath.isHidden(name))) {
            return null;
        }
        List<String> below = new ArrayList<>(names);
        below.add(name);
        Path found = tree.find(below);
        if (found == null) {
            return null;
        }
        BasicFileAttributes attributes = tree.attributes(found);
        boolean directory = attributes.isDirectory();
        return directory || attributes.isRegularFile()
                ? new Entry(
                        name,
                        directory,
                        attributes.size(),
                        attributes.lastModifiedTime().toInstant())
                : null;
    }

    private static String page(List<String> names, List<Entry> entries, boolean more) {
        String title = "/" + String.join("/", names) + (names.isEmpty() ? "" : "/");
        StringBuilder html = new StringBuilder(256 + 128 * entries.size())
                .append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escaped(title))
                .append("</title></head>\n<body><h1>")
                .append(escaped(title))
                .append("</h1>\n<table>\n");
        if (!names.isEmpty()) {
            html.append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
        }
        for (Entry entry : entries) {
            String slash = entry.isDirectory() ? "/" : "";
            html.append("<tr><td><a href=\"./")
                    .append(PercentCoding.encodeSegment(entry.name())
                            .replace("'", "%27")
                            .replace("&", "%26"))
                    .append(slash)
                    .append("\">")
                    .append(escaped(entry.name()))
                    .append(slash)
                    .append("</a></td><td>")
                    .append(entry.modified().truncatedTo(ChronoUnit.SECONDS))
                    .append("</td><td>")
                    .append(entry.isDirectory() ? "" : String.format(Locale.ROOT, "%,d", entry.size()))
                    .append("</td></tr>\n");
        }
        html.append("</table>\n");
        if (more) {
            html.append("<p>The first ").append(MOST_ENTRIES).append(" entries are shown.</p>\n");
        }
        return html.append("</body></html>\n").toString();
    }

    /** Text that means nothing but itself in a page. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
