package dev.meerkat.multipart;

import dev.meerkat.internal.check.Ranges;

/**
 * How much a multipart body may ask of who reads it. What is exceeded ends the body with the error kind named here.
 *
 * @param maxParts how many parts; 1,000 by default, as Go and Django have it (Jetty 100, Tomcat 50);
 *     {@code TOO_MANY_PARTS}
 * @param maxPartHeadBytes how long the head of one part may be, line ends and empty line included; also how much white
 *     space may follow a boundary; 8,192 by default, as the head of a request in most servers (Tomcat 512);
 *     {@code PART_HEAD_TOO_LARGE}
 * @param maxPartFields how many header fields one part may have; 32 by default: three are defined (RFC 7578 §4),
 *     browsers send two; {@code PART_HEAD_TOO_LARGE}
 * @param maxNameBytes how long the name of a part may be, and its file name, decoded, in bytes of UTF-8; 1,024 by
 *     default, four times the file name that file systems take; {@code PART_HEAD_TOO_LARGE}
 * @param maxPartBytes how long the data of one part may be; 64 MiB by default; {@code PART_TOO_LARGE}
 * @param maxBytes how long the whole body may be, with everything before, between and behind the parts; 128 MiB by
 *     default, as ASP.NET Core has it; the limit of the HTTP server holds besides; {@code TOO_LARGE}
 * @param maxFieldBytes how much memory those parts may take that are kept in memory, names and data together; 1 MiB by
 *     default (Tomcat 2 MiB, Django 2.5 MiB); {@code FIELDS_TOO_LARGE}
 */
public record MultipartLimits(
        int maxParts,
        int maxPartHeadBytes,
        int maxPartFields,
        int maxNameBytes,
        long maxPartBytes,
        long maxBytes,
        int maxFieldBytes) {
    private static final MultipartLimits DEFAULT = new Builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public MultipartLimits {
        Ranges.atLeast("maxParts", maxParts, 1);
        Ranges.atLeast("maxPartHeadBytes", maxPartHeadBytes, 64);
        Ranges.atLeast("maxPartFields", maxPartFields, 1);
        Ranges.atLeast("maxNameBytes", maxNameBytes, 1);
        Ranges.atLeast("maxPartBytes", maxPartBytes, 0);
        Ranges.atLeast("maxBytes", maxBytes, 0);
        Ranges.atLeast("maxFieldBytes", maxFieldBytes, 0);
    }

    /**
     * The limits that stand beside each component.
     *
     * @return the defaults
     */
    public static MultipartLimits defaults() {
        return DEFAULT;
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts from these limits.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        return new Builder()
                .maxParts(maxParts)
                .maxPartHeadBytes(maxPartHeadBytes)
                .maxPartFields(maxPartFields)
                .maxNameBytes(maxNameBytes)
                .maxPartBytes(maxPartBytes)
                .maxBytes(maxBytes)
                .maxFieldBytes(maxFieldBytes);
    }

    /** Collects limits; each method answers the builder itself. */
    public static final class Builder {
        private int maxParts = 1_000;
        private int maxPartHeadBytes = 8_192;
        private int maxPartFields = 32;
        private int maxNameBytes = 1_024;
        private long maxPartBytes = 64L << 20;
        private long maxBytes = 128L << 20;
        private int maxFieldBytes = 1 << 20;

        private Builder() {}

        /**
         * Sets how many parts there may be.
         *
         * @param value 1 or more
         * @return this builder
         */
        public Builder maxParts(int value) {
            maxParts = value;
            return this;
        }

        /**
         * Sets how long the head of a part may be.
         *
         * @param value in bytes, 64 or more
         * @return this builder
         */
        public Builder maxPartHeadBytes(int value) {
            maxPartHeadBytes = value;
            return this;
        }

        /**
         * Sets how many header fields a part may have.
         *
         * @param value 1 or more
         * @return this builder
         */
        public Builder maxPartFields(int value) {
            maxPartFields = value;
            return this;
        }

        /**
         * Sets how long a name or a file name may be.
         *
         * @param value in bytes of UTF-8, 1 or more
         * @return this builder
         */
        public Builder maxNameBytes(int value) {
            maxNameBytes = value;
            return this;
        }

        /**
         * Sets how long the data of a part may be.
         *
         * @param value in bytes, 0 or more
         * @return this builder
         */
        public Builder maxPartBytes(long value) {
            maxPartBytes = value;
            return this;
        }

        /**
         * Sets how long the whole body may be.
         *
         * @param value in bytes, 0 or more
         * @return this builder
         */
        public Builder maxBytes(long value) {
            maxBytes = value;
            return this;
        }

        /**
         * Sets how much memory parts may take that are kept there.
         *
         * @param value in bytes, 0 or more
         * @return this builder
         */
        public Builder maxFieldBytes(int value) {
            maxFieldBytes = value;
            return this;
        }

        /**
         * Makes the limits.
         *
         * @return the limits
         * @throws IllegalArgumentException if a value is out of range
         */
        public MultipartLimits build() {
            return new MultipartLimits(
                    maxParts, maxPartHeadBytes, maxPartFields, maxNameBytes, maxPartBytes, maxBytes, maxFieldBytes);
        }
    }
}
