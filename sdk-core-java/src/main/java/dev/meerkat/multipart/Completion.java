package dev.meerkat.multipart;

import java.util.Objects;

/** How a part, or a whole multipart body, has ended. */
public sealed interface Completion {
    /** By a boundary, as it should. */
    record Complete() implements Completion {
        /** The only instance that is ever needed. */
        public static final Complete INSTANCE = new Complete();
    }

    /**
     * Before it was complete: what has arrived of it is all there will ever be.
     *
     * @param error why
     */
    record Aborted(MultipartError error) implements Completion {
        // Rejects a missing error.
        public Aborted {
            Objects.requireNonNull(error, "error");
        }
    }

    /**
     * Whether it has ended as it should.
     *
     * @return true for {@link Complete}
     */
    default boolean isComplete() {
        return this instanceof Complete;
    }
}
