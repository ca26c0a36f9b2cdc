package dev.meerkat.testkit.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * Decides everything that is free to be decided. A choice of 0 is the ordinary way; a run without exploration always
 * takes it. Every question belongs to a stream named by (site, entity), so that one question more, or one connection
 * more, changes no answer elsewhere.
 */
public final class Oracle {
    private static final int LOG_LIMIT = 256;

    private final long seed;
    private final boolean explores;
    private final ArrayList<Choice> log = new ArrayList<>();
    private long deviations;

    /**
     * One answer that was not the ordinary one.
     *
     * @param site where the question was asked
     * @param entity whom it concerned
     * @param occurrence how many questions this stream had answered before
     * @param value the answer
     * @param count how many answers there were to choose from
     */
    public record Choice(String site, String entity, long occurrence, int value, int count) {
        @Override
        public String toString() {
            return site + "(" + entity + ")#" + occurrence + " = " + value + " of " + count;
        }
    }

    /**
     * Makes an oracle.
     *
     * @param seed decides every answer
     * @param explores whether {@link Stream#choose} takes other ways than the ordinary one
     */
    public Oracle(long seed, boolean explores) {
        this.seed = seed;
        this.explores = explores;
    }

    /**
     * The seed.
     *
     * @return the seed of the run
     */
    public long seed() {
        return seed;
    }

    /**
     * Tells whether other ways than the ordinary one are taken.
     *
     * @return whether it explores
     */
    public boolean explores() {
        return explores;
    }

    /**
     * Opens a stream of answers.
     *
     * @param site where the questions are asked
     * @param entity whom they concern, by its stable name
     * @return a new stream
     */
    public Stream stream(String site, String entity) {
        return new Stream(site, entity);
    }

    /**
     * The first answers that were not the ordinary ones.
     *
     * @return a copy of the log
     */
    public List<Choice> log() {
        return new ArrayList<>(log);
    }

    /**
     * How many answers were not the ordinary ones.
     *
     * @return the count, also of those the log has no room for
     */
    public long deviations() {
        return deviations;
    }

    /** The questions of one site about one entity. */
    public final class Stream {
        private final String site;
        private final String entity;
        private final SimRandom random;
        private long occurrence;

        private Stream(String site, String entity) {
            this.site = site;
            this.entity = entity;
            this.random = new SimRandom(SimRandom.seedOf(SimRandom.seedOf(seed, site), entity));
        }

        /**
         * Chooses among equally legal ways.
         *
         * @param count how many there are
         * @return 0 to count - 1; always 0 without exploration
         */
        public int choose(int count) {
            if (!explores || count < 2) {
                return 0;
            }
            int value = (int) random.nextLong(count);
            if (value != 0) {
                deviations++;
                if (log.size() < LOG_LIMIT) {
                    log.add(new Choice(site, entity, occurrence, value, count));
                }
            }
            occurrence++;
            return value;
        }

        /**
         * Draws a number that a test asked for, exploring or not.
         *
         * @param least the smallest
         * @param most the largest
         * @return a number between the two, both included
         */
        public long sample(long least, long most) {
            return least >= most ? least : least + random.nextLong(most - least + 1);
        }

        /**
         * Draws whether something happens that a test gave a probability for.
         *
         * @param probability 0 to 1
         * @return whether it happens
         */
        public boolean happens(double probability) {
            return probability > 0 && random.nextDouble() < probability;
        }
    }
}
