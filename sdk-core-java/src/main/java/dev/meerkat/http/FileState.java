package dev.meerkat.http;

import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;

/**
 * A file and what the file system says of it.
 *
 * @param path where it really is
 * @param size its length
 * @param modified when it was last changed
 * @param coding in which content coding it is: {@code identity}, {@code br} or {@code gzip}
 */
record FileState(Path path, long size, Instant modified, String coding) {
    /**
     * What was changed less than this ago may change again without being seen to: the coarsest file systems count in
     * steps of two seconds.
     */
    static final Duration UNSETTLED = Duration.ofSeconds(2);

    static FileState of(Path path, BasicFileAttributes attributes, String coding) {
        return new FileState(
                path, attributes.size(), attributes.lastModifiedTime().toInstant(), coding);
    }

    /**
     * Whether size and time tell every state of the file from every other. Then its tag is strong, and its date, too.
     */
    boolean isSettled(Instant now) {
        return modified.plus(UNSETTLED).isBefore(now);
    }

    /** The tag: of length and time, to the nanosecond where the file system knows it. */
    EntityTag tag(Instant now) {
        String opaque = Long.toHexString(size)
                + "-" + Long.toHexString(modified.getEpochSecond())
                + "." + Integer.toHexString(modified.getNano());
        return new EntityTag(!isSettled(now), coding.equals("identity") ? opaque : opaque + "-" + coding);
    }
}
