package dev.meerkat.testkit.internal;

/** Into which pieces a stream is cut on its way. Streams have no boundaries, so every way of cutting is legal. */
@FunctionalInterface
public interface ChunkPolicy {
    /** Leaves everything as it comes. */
    ChunkPolicy WHOLE = (position, available, choices) -> available;

    /** Exploring: mostly whole, sometimes one of the sizes that break parsers. */
    ChunkPolicy EXPLORED = (position, available, choices) -> switch (choices.choose(8)) {
        case 5 -> 1;
        case 6 -> Math.min(2, available);
        case 7 -> (int) choices.sample(1, available);
        default -> available;
    };

    /**
     * Cuts off the next piece.
     *
     * @param position how many bytes of the stream came before
     * @param available how many bytes there are, at least 1
     * @param choices where to draw random numbers from
     * @return how many bytes the next piece has, 1 to {@code available}
     */
    int next(long position, int available, Oracle.Stream choices);
}
