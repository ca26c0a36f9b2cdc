package dev.meerkat.testkit;

import dev.meerkat.testkit.internal.ChunkPolicy;
import java.util.Arrays;

/**
 * Into which pieces a {@link Link} cuts the bytes of its streams. A stream has no boundaries, so every way of cutting
 * is legal; a reader that waits for whole messages is found by one of them. Each piece arrives as an event of its own.
 */
public final class Chunks {
    private final ChunkPolicy policy;

    private Chunks(ChunkPolicy policy) {
        this.policy = policy;
    }

    ChunkPolicy policy() {
        return policy;
    }

    /**
     * Leaves everything as it comes.
     *
     * @return the way of cutting
     */
    public static Chunks whole() {
        return new Chunks(ChunkPolicy.WHOLE);
    }

    /**
     * Cuts into pieces of one byte.
     *
     * @return the way of cutting
     */
    public static Chunks oneByte() {
        return of(1);
    }

    /**
     * Cuts into pieces of a fixed size.
     *
     * @param bytes the size, at least 1; the last piece may be smaller
     * @return the way of cutting
     */
    public static Chunks of(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a piece has at least 1 byte: " + bytes);
        }
        return new Chunks((position, available, choices) -> Math.min(bytes, available));
    }

    /**
     * Cuts at random; the seed decides where.
     *
     * @return the way of cutting
     */
    public static Chunks random() {
        return new Chunks((position, available, choices) -> (int) choices.sample(1, available));
    }

    /**
     * Cuts at given places and nowhere else.
     *
     * @param positions how many bytes of each stream come before each cut
     * @return the way of cutting
     */
    public static Chunks cutAt(int... positions) {
        int[] cuts = positions.clone();
        Arrays.sort(cuts);
        return new Chunks((position, available, choices) -> {
            for (int cut : cuts) {
                if (cut > position) {
                    return (int) Math.min(available, cut - position);
                }
            }
            return available;
        });
    }
}
