package dev.meerkat.internal.websocket;

import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.WebSocketError;
import dev.meerkat.websocket.WebSocketRule;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one WebSocket into messages and control frames. It is asked for one {@link Signal} after the other
 * and holds no bytes: what it has not taken must come again in front of the next ones. Payload is unmasked where it
 * lies, once, and a text is checked in the same pass; nothing is copied and nothing made.
 *
 * <pre>
 *   state     bytes
 *   HEADER    MESSAGE | PING | PONG → HEADER    CLOSE → CLOSED    FRAME → PAYLOAD
 *   PAYLOAD   PAYLOAD* FRAME_END → HEADER
 *   CLOSED    CLOSED, bytes are thrown away
 *   FAILED    FAILED, bytes are left alone
 * </pre>
 *
 * <p>Each byte is judged when it is there, a length before its payload, and in their order: the same bytes break the
 * same rule at the same place in whatever pieces they come. A header is taken when it is complete, a control frame when
 * it and its payload are; so at most 130 bytes stay with the caller.
 */
public final class FrameDecoder {
    /** What it reads. */
    public enum Role {
        /** What clients send, which is masked. */
        SERVER,
        /** What servers send, which is not. */
        CLIENT
    }

    private enum State {
        HEADER,
        PAYLOAD,
        CLOSED,
        FAILED
    }

    /** Header: this is the last frame of a message. */
    static final int FINAL = 0x80;

    /** Header: all reserved bits. */
    static final int RESERVED = 0x70;

    /** Header: the message is compressed (RFC 7692 §6). */
    static final int COMPRESSED = 0x40;

    /** Header, second byte: a key follows. */
    static final int MASK = 0x80;

    /** Second byte: up to this it is the length. */
    static final int SHORT_LENGTH = 125;

    /** Second byte: the length follows in two bytes. */
    static final int MEDIUM = 126;

    /** Second byte: the length follows in eight bytes. */
    static final int LONG = 127;

    private final Role role;
    private final MessageRules message;
    private State state = State.HEADER;
    /** The most payload that one signal tells. */
    private int pieceBytes = Integer.MAX_VALUE;

    /** How many bytes have been taken. */
    private long taken;

    private boolean first;
    private boolean last;
    private long frameLength;
    private long frameRemaining;
    private int key;

    private int payloadStart;
    private int payloadLength;
    private int closeCode = CloseStatus.NONE;
    private @Nullable WebSocketError error;

    /**
     * Makes a decoder for one connection.
     *
     * @param role what it reads
     * @param messageBytes the most that the payload of a message may have, all its frames together; a compressed one
     *     may have an eighth more and 64 bytes before it is decompressed, since what cannot be compressed becomes
     *     longer
     * @param compression whether it was agreed on, so that RSV1 has a meaning
     */
    public FrameDecoder(Role role, long messageBytes, boolean compression) {
        this.role = role;
        message = new MessageRules(messageBytes, compression);
    }

    /**
     * Sets the limit of messages anew, from the next frame on; a message that is under way keeps what it has.
     *
     * @param messageBytes the most that the payload of a message may have, as in the constructor
     */
    public void limit(long messageBytes) {
        message.limit(messageBytes);
    }

    /**
     * Makes a decoder between two messages serve another connection, or this one with other limits.
     *
     * @param messageBytes the most that the payload of a message may have, as of the constructor
     * @param mostTold the most payload that one signal tells, 1 or more: a message in one frame that has more is told
     *     as FRAME, PAYLOAD and FRAME_END; {@link Integer#MAX_VALUE} at first
     * @param compression whether it was agreed on
     * @param position how many bytes of the connection have been taken by the decoders that it had before
     * @throws IllegalStateException if it is not {@linkplain #isIdle() idle}
     */
    public void begin(long messageBytes, int mostTold, boolean compression, long position) {
        if (!isIdle()) {
            throw new IllegalStateException("a message is under way, or the last one has come");
        }
        message.begin(messageBytes, compression);
        pieceBytes = mostTold;
        taken = position;
    }

    /**
     * Tells whether nothing is under way: no message, no frame. What it has said of the last one is still to be had.
     *
     * @return whether {@link #begin} may be called
     */
    public boolean isIdle() {
        return state == State.HEADER && !message.hasBegun();
    }

    /**
     * Reads on, up to the next signal.
     *
     * @param in what came: what was left over by the call before, and more; writable. Its position moves over what was
     *     taken; payload that is signalled has been passed over and stays readable in place, unmasked
     * @return what was found; NEED_DATA may leave bytes over
     */
    public Signal decode(ByteBuffer in) {
        return switch (state) {
            case HEADER -> header(in);
            case PAYLOAD -> payload(in);
            case CLOSED -> {
                in.position(in.limit());
                yield Signal.CLOSED;
            }
            case FAILED -> Signal.FAILED;
        };
    }

    private Signal header(ByteBuffer in) {
        int at = in.position();
        int available = in.remaining();
        if (available == 0) {
            return Signal.NEED_DATA;
        }
        int head = in.get(at) & 0xff;
        WebSocketRule broken = message.brokenBy(head);
        if (broken != null) {
            return fail(
                    broken,
                    0,
                    "a frame that begins with " + hexadecimal(head)
                            + (message.hasBegun() ? " within a message" : " between messages"));
        }
        if (available == 1) {
            return Signal.NEED_DATA;
        }
        int second = in.get(at + 1) & 0xff;
        if (second >= MASK != (role == Role.SERVER)) {
            return role == Role.SERVER
                    ? fail(WebSocketRule.UNMASKED, 1, "a frame of a client that is not masked")
                    : fail(WebSocketRule.MASKED, 1, "a frame of a server that is masked");
        }
        int length = second & ~MASK;
        return length <= SHORT_LENGTH ? sized(in, head, 2, length) : extended(in, head, length);
    }

    /** The length has bytes of its own. */
    private Signal extended(ByteBuffer in, int head, int form) {
        if (isControl(head)) {
            return fail(WebSocketRule.CONTROL_TOO_LONG, 1, "a control frame of more than 125 bytes");
        }
        int size = form == MEDIUM ? 4 : 10;
        if (in.remaining() < size) {
            return Signal.NEED_DATA;
        }
        int at = in.position() + 2;
        long length = form == MEDIUM ? BigEndian.two(in, at) : BigEndian.eight(in, at);
        if (length < 0) {
            return fail(WebSocketRule.LENGTH_OVERFLOW, 2, "a length above 2^63 - 1");
        }
        if (length <= (form == MEDIUM ? SHORT_LENGTH : 0xffff)) {
            return fail(WebSocketRule.LENGTH_NOT_MINIMAL, 2, "a length of " + length + " in " + (size - 2) + " bytes");
        }
        return sized(in, head, size, length);
    }

    /** The length is known; so far the header has {@code size} bytes, and a key may follow. */
    private Signal sized(ByteBuffer in, int head, int size, long length) {
        boolean control = isControl(head);
        if (!control && length > message.room(head)) {
            return tooLong(length, size == 2 ? 1 : 2);
        }
        int offset = role == Role.SERVER ? size + 4 : size;
        int available = in.remaining() - offset;
        if (available < 0) {
            return Signal.NEED_DATA;
        }
        int start = in.position() + offset;
        key = role == Role.SERVER ? BigEndian.four(in, start - 4) : 0;
        boolean whole = length <= available;
        if (control) {
            return whole ? control(in, head & 0x0f, start, (int) length) : Signal.NEED_DATA;
        }
        if (whole && length <= pieceBytes && (head & FINAL) != 0 && !message.hasBegun()) {
            return message(in, head, start, (int) length);
        }
        return frame(in, head, start, length);
    }

    private static boolean isControl(int head) {
        return (head & 0x08) != 0;
    }

    /** The frequent case, all at once. */
    private Signal message(ByteBuffer in, int head, int start, int length) {
        message.whole(head);
        first = true;
        last = true;
        frameLength = length;
        frameRemaining = 0;
        if (unmask(in, start, length, message.isChecked())) {
            int found = Utf8Check.advance(Utf8Check.COMPLETE, in, start, start + length);
            if (found != Utf8Check.COMPLETE) {
                return notUtf8(in, found, start + length);
            }
        }
        return take(in, start, length, Signal.MESSAGE);
    }

    /** Unmasks, and tells whether there is still something to be checked. */
    private boolean unmask(ByteBuffer in, int start, int length, boolean checked) {
        if (role == Role.CLIENT) {
            return checked;
        }
        boolean ascii = Masking.apply(in, start, length, key);
        return checked && !ascii;
    }

    private Signal take(ByteBuffer in, int start, int length, Signal signal) {
        payloadStart = start;
        payloadLength = length;
        moveTo(in, start + length);
        return signal;
    }

    private void moveTo(ByteBuffer in, int position) {
        taken += position - in.position();
        in.position(position);
    }

    private Signal frame(ByteBuffer in, int head, int start, long length) {
        first = !message.hasBegun();
        message.frame(head, length);
        last = (head & FINAL) != 0;
        frameLength = length;
        frameRemaining = length;
        moveTo(in, start);
        state = State.PAYLOAD;
        return Signal.FRAME;
    }

    private Signal payload(ByteBuffer in) {
        if (frameRemaining == 0) {
            return frameEnd(in);
        }
        int start = in.position();
        int length = (int) Math.min(Math.min(in.limit() - start, pieceBytes), frameRemaining);
        if (length == 0) {
            return Signal.NEED_DATA;
        }
        boolean checked = message.isChecked();
        // A character that has begun makes even ASCII wrong.
        if (unmask(in, start, length, checked) || (checked && message.isInCharacter())) {
            int found = message.check(in, start, start + length);
            if (found < 0 || (last && length == frameRemaining && found != Utf8Check.COMPLETE)) {
                return notUtf8(in, found, start + length);
            }
        }
        key = Masking.after(key, length);
        frameRemaining -= length;
        return take(in, start, length, Signal.PAYLOAD);
    }

    private Signal frameEnd(ByteBuffer in) {
        if (last) {
            if (message.isChecked() && message.isInCharacter()) {
                return notUtf8(in, 0, in.position());
            }
            message.end();
        }
        state = State.HEADER;
        return Signal.FRAME_END;
    }

    private Signal control(ByteBuffer in, int opcode, int start, int length) {
        unmask(in, start, length, false);
        if (opcode == Opcode.PING.code()) {
            return take(in, start, length, Signal.PING);
        }
        if (opcode == Opcode.PONG.code()) {
            return take(in, start, length, Signal.PONG);
        }
        return close(in, start, length);
    }

    private Signal close(ByteBuffer in, int start, int length) {
        int offset = start - in.position();
        if (length == 0) {
            state = State.CLOSED;
            return take(in, start, length, Signal.CLOSE);
        }
        if (length == 1) {
            return fail(WebSocketRule.MALFORMED_CLOSE, offset, "a close frame with half a code");
        }
        int code = BigEndian.two(in, start);
        if (!CloseStatus.isSendable(code)) {
            return fail(WebSocketRule.INVALID_CLOSE_CODE, offset, "a close frame with code " + code);
        }
        int found = Utf8Check.advance(Utf8Check.COMPLETE, in, start + 2, start + length);
        if (found != Utf8Check.COMPLETE) {
            return notUtf8(in, found, start + length);
        }
        closeCode = code;
        state = State.CLOSED;
        return take(in, start + 2, length - 2, Signal.CLOSE);
    }

    private Signal notUtf8(ByteBuffer in, int found, int end) {
        if (found >= 0) {
            return fail(WebSocketRule.INVALID_UTF8, end - in.position(), "a text that ends within a character");
        }
        int bad = ~found;
        return fail(
                WebSocketRule.INVALID_UTF8,
                bad - in.position(),
                "the byte " + hexadecimal(in.get(bad) & 0xff) + ", which is not UTF-8 here");
    }

    private Signal tooLong(long length, int offset) {
        return fail(
                WebSocketRule.MESSAGE_TOO_LONG,
                offset,
                "a frame of " + length + " bytes" + (message.hasBegun() ? " after " + message.length() : "")
                        + ", of at most " + message.limit() + " for a message");
    }

    private Signal fail(WebSocketRule rule, int offset, String message) {
        error = new WebSocketError(rule, taken + offset, message);
        state = State.FAILED;
        return Signal.FAILED;
    }

    private static String hexadecimal(int octet) {
        return "0x" + Character.forDigit(octet >> 4, 16) + Character.forDigit(octet & 15, 16);
    }

    /**
     * Whether the message is a text; else it is binary.
     *
     * @return true for a text, from MESSAGE or the first FRAME on
     */
    public boolean isText() {
        return message.isText();
    }

    /**
     * Whether the message is compressed, and so, if it is a text, still to be checked.
     *
     * @return true if RSV1 was set, from MESSAGE or the first FRAME on
     */
    public boolean isCompressed() {
        return message.isCompressed();
    }

    /**
     * Whether the frame is the first of its message.
     *
     * @return true if it is, from MESSAGE or FRAME on
     */
    public boolean isFirst() {
        return first;
    }

    /**
     * Whether the frame is the last of its message.
     *
     * @return true if it is, from MESSAGE or FRAME on
     */
    public boolean isFinal() {
        return last;
    }

    /**
     * Whether the first frame of a message has come and the last one has not ended.
     *
     * @return true if a message is under way
     */
    public boolean isInMessage() {
        return message.hasBegun();
    }

    /**
     * How long the frame is, as its header says.
     *
     * @return the length of its payload, from MESSAGE or FRAME on
     */
    public long frameLength() {
        return frameLength;
    }

    /**
     * How much of the frame is still to come.
     *
     * @return the bytes that no PAYLOAD has told; 0 after the last one
     */
    public long frameRemaining() {
        return frameRemaining;
    }

    /**
     * After MESSAGE, PAYLOAD, PING, PONG and CLOSE: where the bytes begin in the buffer that was given.
     *
     * @return an index
     */
    public int payloadStart() {
        return payloadStart;
    }

    /**
     * After MESSAGE, PAYLOAD, PING, PONG and CLOSE: how many bytes there are.
     *
     * @return 0 or more; after PAYLOAD at least 1
     */
    public int payloadLength() {
        return payloadLength;
    }

    /**
     * After CLOSE: the code.
     *
     * @return a {@linkplain CloseStatus#isSendable valid} one; {@link CloseStatus#NONE} if there was none
     */
    public int closeCode() {
        return closeCode;
    }

    /**
     * How many bytes have been taken so far, for errors that are found later, by who decompresses.
     *
     * @return the position of the next byte in the stream
     */
    public long position() {
        return taken;
    }

    /**
     * After FAILED: what was wrong.
     *
     * @return the error
     * @throws IllegalStateException if nothing was
     */
    public WebSocketError error() {
        WebSocketError known = error;
        if (known == null) {
            throw new IllegalStateException("nothing has failed");
        }
        return known;
    }
}
