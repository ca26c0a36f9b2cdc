package dev.meerkat.internal.coding;

import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.Headers;
import dev.meerkat.internal.coding.CodingException.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses a body as it comes (RFC 9110 §8.4.1): {@code gzip}, of one member or several (RFC 1952), and
 * {@code deflate}, with the zlib frame that it should have (RFC 1950) or without, as some send it. Bytes in, bytes out;
 * holds native memory until {@link #close}.
 */
public final class Inflating implements AutoCloseable {
    /** Up to here nobody is suspected: it is less than a connection may keep anyway. */
    static final long UNSUSPECTED_BYTES = 1 << 20;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int GZIP_HEADER = 10;
    private static final int GZIP_TRAILER = 8;
    private static final int HEADER_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xE0;

    private enum State {
        /** Nothing was seen of the member, or of the stream. */
        START,
        EXTRA_LENGTH,
        EXTRA_BYTES,
        FILE_NAME,
        FILE_COMMENT,
        HEADER_SUM,
        DATA,
        TRAILER,
        /** Between members, or behind the only stream. */
        END
    }

    private final boolean gzip;
    private final int ratio;
    private final CRC32 crc = new CRC32();
    private @Nullable Inflater inflater;
    private State state = State.START;
    private int flags;
    private int skip;
    private long taken;
    private long made;
    private long memberBytes;

    private Inflating(boolean gzip, int ratio) {
        this.gzip = gzip;
        this.ratio = ratio;
    }

    /**
     * Makes what decompresses a body.
     *
     * @param headers the fields of its head
     * @param ratio how many times larger it may become
     * @return null if the body is not compressed, or in a way that is not known here
     */
    public static @Nullable Inflating of(Headers headers, int ratio) {
        List<String> codings = headers.elements("Content-Encoding");
        if (codings.size() != 1) {
            return null;
        }
        return switch (codings.get(0).toLowerCase(Locale.ROOT)) {
            case "gzip", "x-gzip" -> new Inflating(true, ratio);
            case "deflate" -> new Inflating(false, ratio);
            default -> null;
        };
    }

    /**
     * Takes input as far as the output has room.
     *
     * @param input what was understood is taken out
     * @param output filled from its position on
     * @return whether anything was taken or made; false means that more input is needed
     * @throws CodingException if the input is malformed, or grows too much
     */
    boolean inflate(ReceiveBuffer input, ByteBuffer output) throws CodingException {
        boolean progress = false;
        while (output.hasRemaining() && step(input, output)) {
            progress = true;
        }
        return progress;
    }

    /** Whether the body may end here. */
    boolean isComplete() {
        return state == State.END || (state == State.START && taken == 0);
    }

    private boolean step(ReceiveBuffer input, ByteBuffer output) throws CodingException {
        int before = input.size();
        int position = output.position();
        State was = state;
        switch (state) {
            case START -> start(input);
            case EXTRA_LENGTH -> {
                if (input.size() >= 2) {
                    byte[] length = input.takeArray(2);
                    skip = (length[0] & 255) | (length[1] & 255) << 8;
                    state = State.EXTRA_BYTES;
                }
            }
            case EXTRA_BYTES -> {
                int count = Math.min(skip, input.size());
                input.discard(count);
                skip -= count;
                if (skip == 0) {
                    state = State.FILE_NAME;
                }
            }
            case FILE_NAME -> text(input, NAME, State.FILE_COMMENT);
            case FILE_COMMENT -> text(input, COMMENT, State.HEADER_SUM);
            case HEADER_SUM -> {
                if ((flags & HEADER_CHECKSUM) == 0) {
                    state = State.DATA;
                } else if (input.size() >= 2) {
                    input.discard(2);
                    state = State.DATA;
                }
            }
            case DATA -> data(input, output);
            case TRAILER -> trailer(input);
            case END -> {
                if (!input.isEmpty()) {
                    if (!gzip) {
                        throw malformed("bytes behind the end");
                    }
                    state = State.START; // another member
                }
            }
        }
        taken += before - input.size();
        return state != was || input.size() != before || output.position() != position;
    }

    private void start(ReceiveBuffer input) throws CodingException {
        if (!gzip) {
            if (input.size() >= 2) {
                int head = (input.get(0) & 255) << 8 | (input.get(1) & 255);
                boolean framed = (head >> 8 & 15) == 8 && head % 31 == 0;
                open(!framed);
                state = State.DATA;
            }
            return;
        }
        if (input.size() >= 1 && input.get(0) != 0x1F) {
            throw malformed("no gzip: it begins with byte " + (input.get(0) & 255));
        }
        if (input.size() < GZIP_HEADER) {
            return;
        }
        byte[] head = input.takeArray(GZIP_HEADER);
        if ((head[1] & 255) != 0x8B || head[2] != 8 || (head[3] & RESERVED) != 0) {
            throw malformed("no gzip, or an unknown kind of it");
        }
        flags = head[3];
        state = (flags & EXTRA) != 0 ? State.EXTRA_LENGTH : State.FILE_NAME;
        open(true);
    }

    private void open(boolean raw) {
        Inflater present = inflater;
        if (present == null) {
            inflater = new Inflater(raw);
        } else {
            present.reset(); // of gzip, which is always raw: a new one a member is what empty members would be sent for
        }
        crc.reset();
        memberBytes = 0;
    }

    private void text(ReceiveBuffer input, int flag, State next) {
        if ((flags & flag) == 0) {
            state = next;
            return;
        }
        int end = input.indexOf((byte) 0);
        input.discard(end < 0 ? input.size() : end + 1);
        if (end >= 0) {
            state = next;
        }
    }

    private void data(ReceiveBuffer input, ByteBuffer output) throws CodingException {
        Inflater present = inflater;
        if (present == null) {
            throw new IllegalStateException("closed");
        }
        ByteBuffer view = input.view();
        int from = output.position();
        try {
            present.setInput(view);
            present.inflate(output);
            if (present.needsDictionary()) {
                throw malformed("it needs a dictionary");
            }
        } catch (DataFormatException e) {
            throw malformed(String.valueOf(e.getMessage()));
        } finally {
            input.discard(view.position());
            present.setInput(NOTHING);
        }
        int count = output.position() - from;
        made += count;
        memberBytes += count;
        crc.update(output.duplicate().flip().position(from));
        long allowed = (taken + view.position()) * ratio;
        if (made > UNSUSPECTED_BYTES && made > allowed) {
            throw new CodingException(
                    Kind.TOO_LARGE,
                    "decompressing makes more than " + ratio + " times of what arrived, " + made + " bytes so far");
        }
        if (present.finished()) {
            state = gzip ? State.TRAILER : State.END;
        }
    }

    private void trailer(ReceiveBuffer input) throws CodingException {
        if (input.size() < GZIP_TRAILER) {
            return;
        }
        byte[] trailer = input.takeArray(GZIP_TRAILER);
        if (littleEndian(trailer, 0) != crc.getValue() || littleEndian(trailer, 4) != (memberBytes & 0xFFFFFFFFL)) {
            throw malformed("checksum or length do not fit");
        }
        state = State.END;
    }

    private static long littleEndian(byte[] bytes, int from) {
        return (bytes[from] & 255L)
                | (bytes[from + 1] & 255L) << 8
                | (bytes[from + 2] & 255L) << 16
                | (bytes[from + 3] & 255L) << 24;
    }

    private static CodingException malformed(String what) {
        return new CodingException(Kind.MALFORMED, "malformed compressed body: " + what);
    }

    @Override
    public void close() {
        Inflater present = inflater;
        if (present != null) {
            inflater = null;
            present.end();
        }
    }
}
