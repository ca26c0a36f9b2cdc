package dev.meerkat.testkit.internal;

import java.util.random.RandomGenerator;

/**
 * Random numbers by xoshiro256++, seeded by SplitMix64 (both by Blackman and Vigna, public domain). Our own, because a
 * seed has to mean the same run on every JDK, and the JDK promises that for none of its newer generators.
 */
public final class SimRandom implements RandomGenerator {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long s0;
    private long s1;
    private long s2;
    private long s3;

    /**
     * Makes a stream.
     *
     * @param seed decides every number
     */
    public SimRandom(long seed) {
        long state = seed + GOLDEN_GAMMA;
        s0 = mix(state);
        state += GOLDEN_GAMMA;
        s1 = mix(state);
        state += GOLDEN_GAMMA;
        s2 = mix(state);
        s3 = mix(state + GOLDEN_GAMMA);
    }

    /**
     * The seed of a named stream. One name more or less changes no other stream.
     *
     * @param seed the seed of the run
     * @param name the name of the stream
     * @return the stream's seed
     */
    public static long seedOf(long seed, String name) {
        long hash = seed;
        for (int i = 0; i < name.length(); i++) {
            hash = mix(hash + GOLDEN_GAMMA ^ name.charAt(i));
        }
        return mix(hash + name.length());
    }

    /** The output function of SplitMix64: every bit of the result depends on every bit of the argument. */
    static long mix(long value) {
        long z = value;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    @Override
    public long nextLong() {
        long result = Long.rotateLeft(s0 + s3, 23) + s0;
        long t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = Long.rotateLeft(s3, 45);
        return result;
    }

    @Override
    public int nextInt() {
        return (int) (nextLong() >>> 32);
    }

    @Override
    public int nextInt(int bound) {
        return (int) nextLong(bound);
    }

    @Override
    public int nextInt(int origin, int bound) {
        return (int) nextLong(origin, bound);
    }

    @Override
    public long nextLong(long origin, long bound) {
        if (origin >= bound) {
            throw new IllegalArgumentException("origin " + origin + " must be below bound " + bound);
        }
        long width = bound - origin;
        if (width <= 0) {
            throw new IllegalArgumentException("wider than a long holds: " + origin + " to " + bound);
        }
        return origin + nextLong(width);
    }

    @Override
    public long nextLong(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound must be positive: " + bound);
        }
        // Numbers above the last multiple of the bound are drawn again, or small results would be more likely.
        long limit = Long.MAX_VALUE - Long.MAX_VALUE % bound;
        long drawn;
        do {
            drawn = nextLong() >>> 1;
        } while (drawn >= limit);
        return drawn % bound;
    }

    @Override
    public boolean nextBoolean() {
        return nextLong() < 0;
    }

    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    @Override
    public float nextFloat() {
        return (nextLong() >>> 40) * 0x1.0p-24f;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; ) {
            long bits = nextLong();
            for (int n = 0; n < Long.BYTES && i < bytes.length; n++) {
                bytes[i++] = (byte) bits;
                bits >>>= Byte.SIZE;
            }
        }
    }
}
