package dev.meerkat.http;

import java.util.Arrays;

/**
 * Fields as bytes: for each where its name begins and ends and its value begins and ends, as {@link Headers} has them.
 */
final class FieldBytes {
    private FieldBytes() {}

    /** Whether so many fields are the same: names but for case, values byte for byte. */
    static boolean same(byte[] bytes, int[] bounds, byte[] others, int[] otherBounds, int size) {
        for (int i = 0; i < 4 * size; i += 4) {
            int length = bounds[i + 1] - bounds[i];
            if (length != otherBounds[i + 1] - otherBounds[i]) {
                return false;
            }
            for (int k = 0; k < length; k++) {
                if (Grammar.lower(bytes[bounds[i] + k]) != Grammar.lower(others[otherBounds[i] + k])) {
                    return false;
                }
            }
            if (!Arrays.equals(bytes, bounds[i + 2], bounds[i + 3], others, otherBounds[i + 2], otherBounds[i + 3])) {
                return false;
            }
        }
        return true;
    }

    /** Fields that are the same have the same. */
    static int hash(byte[] bytes, int[] bounds, int size) {
        int hash = size;
        for (int i = 0; i < 4 * size; i += 4) {
            for (int k = bounds[i]; k < bounds[i + 1]; k++) {
                hash = 31 * hash + Grammar.lower(bytes[k]);
            }
            for (int k = bounds[i + 2]; k < bounds[i + 3]; k++) {
                hash = 31 * hash + bytes[k];
            }
        }
        return hash;
    }
}
