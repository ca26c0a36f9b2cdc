package dev.meerkat.internal.websocket;

import dev.meerkat.websocket.WebSocketRule;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What is known of the message that is being read, and what its frames may be (RFC 6455 §5.2, §5.4; RFC 7692 §6). */
final class MessageRules {
    /** Opcodes that exist, a bit for each. */
    private static final int OPCODES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 8 | 1 << 9 | 1 << 10;

    private long limit;
    private boolean compression;

    /** The first frame of a message has come and the last one has not. */
    private boolean begun;

    private boolean text;
    private boolean compressed;

    /** What all its frames so far have together. */
    private long length;

    /** Of a text that is not compressed: what its next byte may be. */
    private int utf8;

    MessageRules(long limit, boolean compression) {
        this.limit = limit;
        this.compression = compression;
    }

    /** Other limits from the next message on. */
    void begin(long newLimit, boolean compressionAgreed) {
        limit = newLimit;
        compression = compressionAgreed;
    }

    /** The rule that the first byte of a frame breaks. */
    @Nullable
    WebSocketRule brokenBy(int head) {
        int opcode = head & 0x0f;
        boolean begins = opcode == Opcode.TEXT.code() || opcode == Opcode.BINARY.code();
        int reserved = head & FrameDecoder.RESERVED;
        if (reserved != 0 && !(reserved == FrameDecoder.COMPRESSED && compression && begins)) {
            return WebSocketRule.RESERVED_BIT;
        }
        if (begins) {
            return begun ? WebSocketRule.UNFINISHED_MESSAGE : null;
        }
        if ((OPCODES >> opcode & 1) == 0) {
            return WebSocketRule.UNKNOWN_OPCODE;
        }
        if (opcode == Opcode.CONTINUATION.code()) {
            return begun ? null : WebSocketRule.UNEXPECTED_CONTINUATION;
        }
        return (head & FrameDecoder.FINAL) == 0 ? WebSocketRule.FRAGMENTED_CONTROL : null;
    }

    /** How much more the message may have that a frame begins or goes on with. */
    long room(int head) {
        return begun ? most(compressed) - length : most((head & FrameDecoder.COMPRESSED) != 0);
    }

    /**
     * What cannot be compressed becomes longer, by 5 bytes a block (RFC 1951 §3.2.4) and a flush; deflate with little
     * memory makes blocks of 127 bytes.
     */
    private long most(boolean packed) {
        return packed && limit < Long.MAX_VALUE / 2 ? limit + limit / 8 + 64 : limit;
    }

    /** A frame of a message begins; this is the first one if none is under way. */
    void frame(int head, long payload) {
        if (!begun) {
            whole(head);
            begun = true;
            length = 0;
            utf8 = Utf8Check.COMPLETE;
        }
        length += payload;
    }

    /** A message begins and ends with one frame. */
    void whole(int head) {
        text = (head & 0x0f) == Opcode.TEXT.code();
        compressed = (head & FrameDecoder.COMPRESSED) != 0;
    }

    /** The last frame has ended. */
    void end() {
        begun = false;
    }

    /** Whether its bytes are to be UTF-8 as they come. */
    boolean isChecked() {
        return text && !compressed;
    }

    /**
     * Looks at the next bytes of a text.
     *
     * @return the index of the first one that is wrong, as its complement; or something that is not negative
     */
    int check(ByteBuffer in, int from, int to) {
        utf8 = Utf8Check.advance(utf8, in, from, to);
        return utf8;
    }

    /** Whether the text ends, or would end, within a character. */
    boolean isInCharacter() {
        return utf8 != Utf8Check.COMPLETE;
    }

    boolean hasBegun() {
        return begun;
    }

    boolean isText() {
        return text;
    }

    boolean isCompressed() {
        return compressed;
    }

    long limit() {
        return limit;
    }

    void limit(long bytes) {
        limit = bytes;
    }

    long length() {
        return length;
    }
}
