package dev.meerkat.testkit.internal;

import java.nio.ByteBuffer;

/**
 * What a trace may know of a stream of TLS records: their types and lengths, which repeat from run to run, and not
 * their bytes, which never do. Follows the records from chunk to chunk.
 */
final class TlsTrace {
    private static final int HEADER = 5;
    private static final int FIRST_TYPE = 20;
    private static final int LAST_TYPE = 24;

    private final byte[] header = new byte[HEADER];
    private int headerBytes;
    private int bodyLeft;
    /** Something that is no record came, so that there is no knowing where one begins. */
    private boolean lost;

    /** Follows what is about to be written; answers a checksum of the headers that are complete with it. */
    long follow(ByteBuffer source, int count) {
        long checksum = 0;
        int at = source.position();
        int end = at + count;
        while (at < end && !lost) {
            if (bodyLeft > 0) {
                int skipped = Math.min(bodyLeft, end - at);
                bodyLeft -= skipped;
                at += skipped;
                continue;
            }
            header[headerBytes++] = source.get(at++);
            if (headerBytes == HEADER) {
                headerBytes = 0;
                lost = header[0] < FIRST_TYPE || header[0] > LAST_TYPE || header[1] != 3;
                bodyLeft = Byte.toUnsignedInt(header[3]) << 8 | Byte.toUnsignedInt(header[4]);
                checksum = Checksum.of(checksum, header, 0, HEADER);
            }
        }
        return checksum;
    }
}
