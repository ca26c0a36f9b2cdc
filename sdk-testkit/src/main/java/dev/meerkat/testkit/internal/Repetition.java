package dev.meerkat.testkit.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compares two runs of one seed event by event. The first run is remembered; the second stops at the first event that
 * is another one, so that its stack shows who caused it.
 */
public final class Repetition {
    /** So many events are remembered with their text; beyond, only the hash at the end is compared. */
    private static final int REMEMBERED = 1 << 20;

    private final List<Trace.Line> lines = new ArrayList<>();
    private long[] hashes = new long[1024];
    private int count;
    private long finalHash;
    private long finalCount;

    /** Remembers nothing yet. */
    public Repetition() {}

    /**
     * Remembers a run.
     *
     * @param trace of the run that begins
     */
    public void remember(Trace trace) {
        trace.observe((index, hash, line) -> {
            if (count < REMEMBERED) {
                if (count == hashes.length) {
                    hashes = Arrays.copyOf(hashes, count * 2);
                }
                hashes[count++] = hash;
                lines.add(line);
            }
        });
    }

    /**
     * Ends the first run.
     *
     * @param trace of the run that has ended
     */
    public void remembered(Trace trace) {
        finalHash = trace.hash();
        finalCount = trace.count();
    }

    /**
     * Compares a run with the remembered one.
     *
     * @param trace of the run that begins
     */
    public void compare(Trace trace) {
        trace.observe((index, hash, line) -> {
            if (index < count && hashes[(int) index] != hash) {
                trace.stop(divergence(index, line));
            } else if (index == finalCount && count < REMEMBERED) {
                trace.stop(new DivergenceError("the run does not repeat itself: the first run had " + finalCount
                        + " events, the second goes on with\n  " + line));
            }
        });
    }

    private DivergenceError divergence(long index, Trace.Line line) {
        String before = index == 0 ? "" : "\nthe event before, in both:\n  " + lines.get((int) index - 1);
        String first = lines.get((int) index).toString();
        String second = line.toString();
        String text = first.equals(second)
                ? "\nboth runs:    " + first + "\n(what it carries, or what happened just before it, differs)"
                : "\nfirst run:    " + first + "\nsecond run:   " + second;
        return new DivergenceError(
                "the run does not repeat itself; the first event that differs is number " + index + before + text);
    }

    /**
     * Ends the second run.
     *
     * @param trace of the run that has ended
     * @throws DivergenceError if it ended earlier or otherwise than the first
     */
    public void compared(Trace trace) {
        lines.clear();
        hashes = new long[0];
        count = 0;
        trace.throwIfStopped();
        if (trace.count() != finalCount || trace.hash() != finalHash) {
            throw new DivergenceError("the run does not repeat itself: the first had " + finalCount
                    + " events and hash " + Long.toHexString(finalHash) + ", the second " + trace.count() + " and "
                    + Long.toHexString(trace.hash()));
        }
    }

    /** Two runs of one seed went different ways: something in the program depends on more than the seed. */
    public static final class DivergenceError extends AssertionError {
        private static final long serialVersionUID = 1;

        DivergenceError(String message) {
            super(message);
        }
    }
}
