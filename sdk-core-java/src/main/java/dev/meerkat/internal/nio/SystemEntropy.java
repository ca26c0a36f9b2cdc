package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Entropy;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/**
 * Random numbers of the system, the cryptographic kind: a peer who has seen many of them cannot tell the next, which
 * RFC 6455 §10.3 demands of masks. The name of a stream means nothing here.
 */
enum SystemEntropy implements Entropy {
    INSTANCE;

    @Override
    public RandomGenerator stream(String name) {
        return new Buffered();
    }

    /**
     * Draws in blocks, since every draw locks the one generator and costs about as much for 8 bytes as for 500. Nothing
     * is drawn, or even loaded, before the first number is wanted: the security providers take tens of milliseconds.
     */
    private static final class Buffered implements RandomGenerator {
        private static final int BLOCK_BYTES = 512;

        /** Numbers not yet handed out, position to limit. */
        private ByteBuffer block = ByteBuffer.allocate(0);

        @Override
        public long nextLong() {
            if (!block.hasRemaining()) {
                refill();
            }
            return block.getLong();
        }

        private void refill() {
            if (block.capacity() == 0) {
                block = ByteBuffer.allocate(BLOCK_BYTES);
            }
            Source.SHARED.nextBytes(block.array());
            block.clear();
        }
    }

    /** Loaded at the first draw. The generator is safe for use by several threads. */
    private static final class Source {
        static final SecureRandom SHARED = new SecureRandom();
    }
}
