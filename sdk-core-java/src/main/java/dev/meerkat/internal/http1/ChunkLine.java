package dev.meerkat.internal.http1;

import dev.meerkat.http.HttpError;
import dev.meerkat.http.HttpException;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import dev.meerkat.internal.check.Tokens;
import java.nio.ByteBuffer;

/**
 * The line in front of a chunk, byte by byte, so that nothing of it is held (RFC 9112 §7.1, §7.1.1):
 *
 * <pre>
 * size *( BWS ";" BWS name [ BWS "=" BWS ( token | quoted ) ] ) CR LF
 *
 *          digit        space ;               token         space
 *   START ───────▶ SIZE ───────▶ NAME_START ───────▶ NAME ────────▶ NAME_SPACE
 *                   │ ▲                  ▲            │  =               │ =
 *                   │ │ ;                │ ;          ▼                  ▼
 *                   │ └───────────── VALUE ◀── VALUE_START ──"──▶ QUOTED ⇄ ESCAPED
 *                   ▼ CR                 │ CR                        │ "
 *                  LINE_END ◀────────────┴──────── SPACE, from which ; leads on
 * </pre>
 */
final class ChunkLine {
    private enum State {
        START,
        SIZE,
        NAME_START,
        NAME,
        NAME_SPACE,
        VALUE_START,
        VALUE,
        QUOTED,
        ESCAPED,
        /** Behind a quoted string: an end or another extension. */
        QUOTE_END,
        /** Behind the size or a value comes bad white space, which only an extension may follow. */
        SPACE,
        LINE_END
    }

    /** 15 digits always fit into a long. */
    private static final int SIZE_DIGITS = 15;

    private final HttpLimits limits;
    private State state = State.START;
    private long size;
    private int digits;
    private int length;
    private long extensionBytes;

    ChunkLine(HttpLimits limits) {
        this.limits = limits;
    }

    /** Begins with another body. */
    void reset() {
        state = State.START;
        extensionBytes = 0;
        startLine();
    }

    private void startLine() {
        size = 0;
        digits = 0;
        length = 0;
    }

    /** The size of the chunk, once the line is complete. */
    long size() {
        return size;
    }

    /** Takes the bytes of the line; true once its LF was taken. */
    boolean read(ByteBuffer in) throws HttpException {
        if (state == State.START && length == 0) {
            startLine();
        }
        while (in.hasRemaining()) {
            byte octet = in.get();
            if (state == State.LINE_END) {
                if (octet != '\n') {
                    throw exception(HttpRule.BARE_CR, "a CR without an LF behind it, in front of a chunk");
                }
                state = State.START;
                length = 0;
                return true;
            }
            if (octet != '\r') {
                count();
            }
            state = after(octet);
        }
        return false;
    }

    private void count() throws HttpException {
        if (++length > limits.chunkLineBytes()) {
            throw exception(
                    HttpRule.CHUNK_LINE_TOO_LONG,
                    "the line in front of a chunk is longer than " + limits.chunkLineBytes() + " bytes");
        }
        if (state != State.START && state != State.SIZE && ++extensionBytes > limits.chunkExtensionBytes()) {
            throw tooManyExtensions();
        }
    }

    private HttpException tooManyExtensions() {
        return exception(
                HttpRule.CHUNK_EXTENSIONS_TOO_LONG,
                "chunk extensions are longer than " + limits.chunkExtensionBytes() + " bytes");
    }

    private State after(byte octet) throws HttpException {
        return switch (state) {
            case START, SIZE -> inSize(octet);
            case NAME_START -> isSpace(octet) ? State.NAME_START : requireToken(octet, State.NAME);
            case NAME -> inName(octet);
            case NAME_SPACE -> afterName(octet);
            case VALUE_START -> atValue(octet);
            case VALUE -> Tokens.has(octet) ? State.VALUE : afterPart(octet);
            case QUOTED -> inQuotes(octet);
            case ESCAPED -> requireText(octet);
            case QUOTE_END -> afterPart(octet);
            case SPACE -> isSpace(octet) ? State.SPACE : require(octet == ';', octet, State.NAME_START);
            case LINE_END -> throw new IllegalStateException();
        };
    }

    private State inSize(byte octet) throws HttpException {
        int digit = Character.digit(octet, 16);
        if (octet > 0 && digit >= 0) {
            if (size > 0 || digit > 0) {
                size = size * 16 + digit;
                digits++;
            }
            if (digits > SIZE_DIGITS) {
                throw exception(HttpRule.CHUNK_SIZE_OVERFLOW, "the size of a chunk has more than 15 digits");
            }
            return State.SIZE;
        }
        if (state == State.START || (octet != '\r' && octet != ';' && !isSpace(octet))) {
            if (octet == '\n') {
                throw exception(HttpRule.BARE_LF, "an LF without a CR before it, in front of a chunk");
            }
            throw exception(
                    HttpRule.MALFORMED_CHUNK_SIZE,
                    "the size of a chunk is hexadecimal digits, but has " + shown(octet));
        }
        if (octet != '\r' && ++extensionBytes > limits.chunkExtensionBytes()) {
            throw tooManyExtensions();
        }
        return afterPart(octet);
    }

    private static State inName(byte octet) throws HttpException {
        if (Tokens.has(octet)) {
            return State.NAME;
        }
        if (octet == '=') {
            return State.VALUE_START;
        }
        return isSpace(octet) ? State.NAME_SPACE : afterPart(octet);
    }

    private static State afterName(byte octet) throws HttpException {
        if (isSpace(octet)) {
            return State.NAME_SPACE;
        }
        return octet == '=' ? State.VALUE_START : require(octet == ';', octet, State.NAME_START);
    }

    private static State atValue(byte octet) throws HttpException {
        if (isSpace(octet)) {
            return State.VALUE_START;
        }
        return octet == '"' ? State.QUOTED : requireToken(octet, State.VALUE);
    }

    private static State inQuotes(byte octet) throws HttpException {
        if (octet == '"') {
            return State.QUOTE_END;
        }
        return octet == '\\' ? State.ESCAPED : requireText(octet);
    }

    /** Behind a size, a name or a value: the end, white space, or the next extension. */
    private static State afterPart(byte octet) throws HttpException {
        if (octet == '\r') {
            return State.LINE_END;
        }
        return isSpace(octet) ? State.SPACE : require(octet == ';', octet, State.NAME_START);
    }

    private static State requireToken(byte octet, State next) throws HttpException {
        return require(Tokens.has(octet), octet, next);
    }

    private static State requireText(byte octet) throws HttpException {
        return require(octet < 0 || (octet >= ' ' && octet != 0x7f) || octet == '\t', octet, State.QUOTED);
    }

    private static State require(boolean allowed, byte octet, State next) throws HttpException {
        if (allowed) {
            return next;
        }
        if (octet == '\n') {
            throw exception(HttpRule.BARE_LF, "an LF without a CR before it, in front of a chunk");
        }
        throw exception(
                HttpRule.MALFORMED_CHUNK_EXTENSION,
                "a chunk extension has the form ;name or ;name=value, but has " + shown(octet));
    }

    private static boolean isSpace(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    private static String shown(byte octet) {
        return octet > ' ' && octet < 0x7f ? "'" + (char) octet + "'" : "byte " + (octet & 0xff);
    }

    private static HttpException exception(HttpRule rule, String message) {
        return new HttpException(new HttpError(rule, message));
    }
}
