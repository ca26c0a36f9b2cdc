package dev.meerkat.internal.websocket;

import java.util.Arrays;

/** Reads deflate data (RFC 1951) slowly, and remembers how far back they refer. Its own window is all there was. */
final class Distances {
    private static final int[] LENGTHS = {
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258
    };
    private static final int[] LENGTH_BITS = {
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0
    };
    private static final int[] BACK = {
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12289, 16385, 24577
    };
    private static final int[] ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    private byte[] seen = new byte[1_024];
    private int size;
    private byte[] input = new byte[0];
    private int bit;
    private int furthest;

    /** How far back anything referred so far. */
    int furthest() {
        return furthest;
    }

    /** Takes a payload without its tail, and answers the message. */
    byte[] message(byte[] payload) {
        input = Arrays.copyOf(payload, payload.length + 4);
        input[payload.length + 2] = -1;
        input[payload.length + 3] = -1;
        bit = 0;
        int before = size;
        while (bit < input.length * 8) {
            block();
        }
        return Arrays.copyOfRange(seen, before, size);
    }

    private void block() {
        if (bits(1) == 1) {
            throw new AssertionError("a final block");
        }
        switch (bits(2)) {
            case 0 -> {
                bit = (bit + 7) / 8 * 8;
                int length = bits(16);
                if ((bits(16) ^ 0xFFFF) != length) {
                    throw new AssertionError("length of a stored block");
                }
                for (int i = 0; i < length; i++) {
                    put((byte) bits(8));
                }
            }
            case 1 -> {
                int[] lengths = new int[288];
                Arrays.fill(lengths, 0, 144, 8);
                Arrays.fill(lengths, 144, 256, 9);
                Arrays.fill(lengths, 256, 280, 7);
                Arrays.fill(lengths, 280, 288, 8);
                int[] distances = new int[30];
                Arrays.fill(distances, 5);
                symbols(new Codes(lengths), new Codes(distances));
            }
            case 2 -> {
                int literals = bits(5) + 257;
                int distances = bits(5) + 1;
                int codes = bits(4) + 4;
                int[] lengths = new int[19];
                for (int i = 0; i < codes; i++) {
                    lengths[ORDER[i]] = bits(3);
                }
                int[] both = lengths(new Codes(lengths), literals + distances);
                symbols(
                        new Codes(Arrays.copyOf(both, literals)),
                        new Codes(Arrays.copyOfRange(both, literals, both.length)));
            }
            default -> throw new AssertionError("a block of the fourth kind");
        }
    }

    private int[] lengths(Codes codes, int count) {
        int[] lengths = new int[count];
        for (int i = 0; i < count; ) {
            int symbol = codes.next();
            if (symbol < 16) {
                lengths[i++] = symbol;
                continue;
            }
            int repeated = symbol == 16 ? lengths[i - 1] : 0;
            int times = symbol == 16 ? 3 + bits(2) : symbol == 17 ? 3 + bits(3) : 11 + bits(7);
            Arrays.fill(lengths, i, i + times, repeated);
            i += times;
        }
        return lengths;
    }

    private void symbols(Codes literals, Codes distances) {
        for (int symbol = literals.next(); symbol != 256; symbol = literals.next()) {
            if (symbol < 256) {
                put((byte) symbol);
                continue;
            }
            int length = LENGTHS[symbol - 257] + bits(LENGTH_BITS[symbol - 257]);
            int code = distances.next();
            int distance = BACK[code] + bits(code < 4 ? 0 : code / 2 - 1);
            furthest = Math.max(furthest, distance);
            for (int i = 0; i < length; i++) {
                put(seen[size - distance]);
            }
        }
    }

    private void put(byte value) {
        if (size == seen.length) {
            seen = Arrays.copyOf(seen, size * 2);
        }
        seen[size++] = value;
    }

    private int bits(int count) {
        int value = 0;
        for (int i = 0; i < count; i++, bit++) {
            value |= (input[bit / 8] >> bit % 8 & 1) << i;
        }
        return value;
    }

    /** A canonical Huffman code. */
    private final class Codes {
        private final int[] counts = new int[16];
        private final int[] symbols;

        Codes(int[] lengths) {
            int[] offsets = new int[17];
            for (int length : lengths) {
                counts[length]++;
            }
            counts[0] = 0;
            for (int i = 1; i < 16; i++) {
                offsets[i + 1] = offsets[i] + counts[i];
            }
            symbols = new int[lengths.length];
            for (int symbol = 0; symbol < lengths.length; symbol++) {
                if (lengths[symbol] > 0) {
                    symbols[offsets[lengths[symbol]]++] = symbol;
                }
            }
        }

        int next() {
            int code = 0;
            int first = 0;
            int index = 0;
            for (int length = 1; length < 16; length++) {
                code |= bits(1);
                if (code - counts[length] < first) {
                    return symbols[index + code - first];
                }
                index += counts[length];
                first = first + counts[length] << 1;
                code <<= 1;
            }
            throw new AssertionError("no such code");
        }
    }
}
