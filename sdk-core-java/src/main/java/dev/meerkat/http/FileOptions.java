package dev.meerkat.http;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * How a {@link FileHandler} serves files. Immutable.
 *
 * @param prefix what paths begin with that is no part of the tree, decoded and without a slash at its end; empty by
 *     default
 * @param contentTypes which ending is which type; {@link ContentTypes#DEFAULT} by default
 * @param indexFiles which file answers for its directory, the first that is there; {@code index.html} by default
 * @param listing whether a directory without such a file is listed; false by default, since a list shows what nobody
 *     was told of
 * @param hidden whether what begins with a dot is served and listed; false by default. {@code .well-known} always is
 *     (RFC 8615)
 * @param links what becomes of symbolic links; {@link Links#INSIDE} by default
 * @param codings pre-compressed siblings and the order of preference among those that a peer likes alike: {@code br}
 *     for {@code .br} and {@code gzip} for {@code .gz} by default
 * @param cacheControl the value of {@code Cache-Control} for the path of a file below the root, with slashes and
 *     without one in front; empty, which is the default for all, for none
 * @param errorPages for a status the file below the root that is the body of such an answer; none by default
 * @param rangesLimit the most ranges of one request, more are answered with the whole file; 16 by default, more than
 *     any viewer of documents asks for at once
 * @param onLoop whether the file system is asked on the loop thread; false by default: on the workers of the manager's
 *     runtime
 */
public record FileOptions(
        String prefix,
        ContentTypes contentTypes,
        List<String> indexFiles,
        boolean listing,
        boolean hidden,
        Links links,
        List<String> codings,
        Function<String, String> cacheControl,
        Map<Integer, String> errorPages,
        int rangesLimit,
        boolean onLoop) {
    /** What becomes of symbolic links below the root. */
    public enum Links {
        /** A file that is reached through one is not found. */
        NONE,
        /** Followed if they lead to what is below the root. */
        INSIDE,
        /** Followed wherever they lead. */
        ANYWHERE
    }

    /** The defaults. */
    public static final FileOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public FileOptions {
        if (!prefix.isEmpty() && (!prefix.startsWith("/") || prefix.endsWith("/"))) {
            throw new IllegalArgumentException("prefix must be empty, or begin and not end with a slash: " + prefix);
        }
        Objects.requireNonNull(contentTypes, "contentTypes");
        Objects.requireNonNull(links, "links");
        Objects.requireNonNull(cacheControl, "cacheControl");
        indexFiles = List.copyOf(indexFiles);
        codings = List.copyOf(codings);
        for (String coding : codings) {
            if (!coding.equals("br") && !coding.equals("gzip")) {
                throw new IllegalArgumentException("expected the codings br and gzip, found " + coding);
            }
        }
        errorPages = Collections.unmodifiableMap(new TreeMap<>(errorPages));
        errorPages.keySet().forEach(status -> {
            if (status < 400 || status > 599) {
                throw new IllegalArgumentException("expected the status of a failure, 400 to 599; found " + status);
            }
        });
        if (rangesLimit < 0) {
            throw new IllegalArgumentException("rangesLimit must not be negative: " + rangesLimit);
        }
    }

    /**
     * Starts with the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts from these options.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.prefix = prefix;
        builder.contentTypes = contentTypes;
        builder.indexFiles = indexFiles;
        builder.listing = listing;
        builder.hidden = hidden;
        builder.links = links;
        builder.codings = codings;
        builder.cacheControl = cacheControl;
        builder.errorPages.putAll(errorPages);
        builder.rangesLimit = rangesLimit;
        builder.onLoop = onLoop;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private String prefix = "";
        private ContentTypes contentTypes = ContentTypes.DEFAULT;
        private List<String> indexFiles = List.of("index.html");
        private boolean listing;
        private boolean hidden;
        private Links links = Links.INSIDE;
        private List<String> codings = List.of("br", "gzip");
        private Function<String, String> cacheControl = path -> "";
        private final Map<Integer, String> errorPages = new TreeMap<>();
        private int rangesLimit = 16;
        private boolean onLoop;

        private Builder() {}

        /**
         * Serves the tree below a path.
         *
         * @param value for instance {@code /static}: the root is then {@code /static/}
         * @return this builder
         */
        public Builder prefix(String value) {
            prefix = value;
            return this;
        }

        /**
         * Sets the types.
         *
         * @param value which ending is which type
         * @return this builder
         */
        public Builder contentTypes(ContentTypes value) {
            contentTypes = value;
            return this;
        }

        /**
         * Sets the files that answer for their directory.
         *
         * @param names the first that is there is taken; none for no such file
         * @return this builder
         */
        public Builder indexFiles(String... names) {
            indexFiles = List.of(names);
            return this;
        }

        /**
         * Sets whether directories are listed.
         *
         * @param value true to list
         * @return this builder
         */
        public Builder listing(boolean value) {
            listing = value;
            return this;
        }

        /**
         * Sets whether names that begin with a dot are served.
         *
         * @param value true to serve them
         * @return this builder
         */
        public Builder hidden(boolean value) {
            hidden = value;
            return this;
        }

        /**
         * Sets what becomes of symbolic links.
         *
         * @param value followed nowhere, inside the root, or anywhere
         * @return this builder
         */
        public Builder links(Links value) {
            links = value;
            return this;
        }

        /**
         * Sets which pre-compressed siblings are sent to peers that accept them, if they are not older than the file.
         *
         * @param names {@code br}, {@code gzip} or both, the preferred one first; none for no siblings
         * @return this builder
         */
        public Builder codings(String... names) {
            codings = List.of(names);
            return this;
        }

        /**
         * Sets how long answers may be kept.
         *
         * @param value the value of {@code Cache-Control}, for instance {@code public, max-age=3600}; empty for none
         * @return this builder
         */
        public Builder cacheControl(String value) {
            Objects.requireNonNull(value, "cacheControl");
            return cacheControl(path -> value);
        }

        /**
         * Sets how long answers may be kept, by what is answered.
         *
         * @param value is given the path below the root, for instance {@code css/main.css}, and answers the value of
         *     {@code Cache-Control}, or an empty one for none
         * @return this builder
         */
        public Builder cacheControl(Function<String, String> value) {
            cacheControl = value;
            return this;
        }

        /**
         * Sets the body of answers with a status.
         *
         * @param status 400 to 599
         * @param file a path below the root, with slashes; if it is not there the answer is the usual one
         * @return this builder
         */
        public Builder errorPage(int status, String file) {
            errorPages.put(status, Objects.requireNonNull(file, "file"));
            return this;
        }

        /**
         * Sets how many ranges one request may ask for.
         *
         * @param value 0 or more; 0 for no ranges
         * @return this builder
         */
        public Builder rangesLimit(int value) {
            rangesLimit = value;
            return this;
        }

        /**
         * Sets where the file system is asked. On the loop an answer takes two changes of threads less, and everybody
         * waits for the file system: for files that lie in memory, or in a jar that is open.
         *
         * @param value true for the loop, false for workers
         * @return this builder
         */
        public Builder onLoop(boolean value) {
            onLoop = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is not possible
         */
        public FileOptions build() {
            return new FileOptions(
                    prefix,
                    contentTypes,
                    indexFiles,
                    listing,
                    hidden,
                    links,
                    codings,
                    cacheControl,
                    errorPages,
                    rangesLimit,
                    onLoop);
        }
    }
}
