package dev.meerkat.internal.buffer;

import dev.meerkat.event.Bytes;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How far the search for one delimiter has come. Knuth, Morris and Pratt's algorithm, because it can stop between any
 * two bytes and go on later: whatever the delimiter and however the input drips, every byte is read once.
 *
 * <p>Indexes count from the oldest unread byte. Nothing here refers to the place where the bytes lie, so that progress
 * survives when they move.
 */
final class SearchProgress {
    private byte[] delimiter = {};

    /** For each prefix of the delimiter, the length of its longest proper prefix that is also its end. */
    private int[] fallback = {};

    /** How many unread bytes were read by the search. */
    private int scanned;

    /** How many bytes at the end of those are a prefix of the delimiter; all of it when it was found. */
    private int matched;

    /** How many bytes were ever read; for the test that proves the promise above. */
    private long bytesRead;

    int find(byte value, ByteBuffer buffer, int start, int end) {
        if (delimiter.length != 1 || delimiter[0] != value) {
            begin(new byte[] {value}, new int[1]);
        }
        return find(buffer, start, end);
    }

    int find(Bytes value, ByteBuffer buffer, int start, int end) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("a delimiter has at least one byte");
        }
        if (!isDelimiter(value)) {
            byte[] bytes = value.toByteArray();
            begin(bytes, fallbacks(bytes));
        }
        return find(buffer, start, end);
    }

    /** The oldest bytes went away. */
    void discarded(int count) {
        scanned = Math.max(0, scanned - count);
        while (matched > scanned) {
            // The match began before the oldest byte; a shorter one may begin after it.
            matched = fallback[matched - 1];
        }
    }

    /** All bytes went away; others will come. */
    void reset() {
        scanned = 0;
        matched = 0;
    }

    SearchProgress copy() {
        SearchProgress copy = new SearchProgress();
        copy.delimiter = delimiter;
        copy.fallback = fallback;
        copy.scanned = scanned;
        copy.matched = matched;
        copy.bytesRead = bytesRead;
        return copy;
    }

    long bytesRead() {
        return bytesRead;
    }

    private int find(ByteBuffer buffer, int start, int end) {
        int index = start + scanned;
        while (matched < delimiter.length && index < end) {
            byte next = buffer.get(index++);
            while (matched > 0 && delimiter[matched] != next) {
                matched = fallback[matched - 1];
            }
            if (delimiter[matched] == next) {
                matched++;
            }
        }
        bytesRead += index - start - scanned;
        scanned = index - start;
        return matched == delimiter.length ? scanned - matched : -1;
    }

    private void begin(byte[] newDelimiter, int[] newFallback) {
        delimiter = newDelimiter;
        fallback = newFallback;
        reset();
    }

    private boolean isDelimiter(Bytes value) {
        if (value.length() != delimiter.length) {
            return false;
        }
        for (int i = 0; i < delimiter.length; i++) {
            if (value.get(i) != delimiter[i]) {
                return false;
            }
        }
        return true;
    }

    private static int[] fallbacks(byte[] delimiter) {
        int[] lengths = new int[delimiter.length];
        int length = 0;
        for (int i = 1; i < delimiter.length; i++) {
            while (length > 0 && delimiter[i] != delimiter[length]) {
                length = lengths[length - 1];
            }
            if (delimiter[i] == delimiter[length]) {
                length++;
            }
            lengths[i] = length;
        }
        return lengths;
    }

    @Override
    public String toString() {
        return "SearchProgress[" + Arrays.toString(delimiter) + ", scanned " + scanned + ", matched " + matched + "]";
    }
}
