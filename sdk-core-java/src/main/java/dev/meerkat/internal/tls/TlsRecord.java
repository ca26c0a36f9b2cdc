package dev.meerkat.internal.tls;

import dev.meerkat.event.ConnectionError.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The five bytes in front of every record (RFC 8446 §5.1): content type, version, length. */
public final class TlsRecord {
    /** The length of the header. */
    public static final int HEADER_BYTES = 5;

    /** The most plaintext in a record (RFC 8446 §5.1). */
    public static final int MAX_PLAINTEXT_BYTES = 1 << 14;

    /** The most bytes of a record, header and all: what TLS 1.2 may add is 2,048 bytes (RFC 5246 §6.2.3). */
    public static final int MAX_BYTES = HEADER_BYTES + MAX_PLAINTEXT_BYTES + 2048;

    static final int CHANGE_CIPHER_SPEC = 20;
    static final int ALERT = 21;
    static final int HANDSHAKE = 22;
    static final int APPLICATION_DATA = 23;

    private static final int MAJOR_VERSION = 3;

    private TlsRecord() {}

    /**
     * Looks at the header of the next record, as far as it is there.
     *
     * @param ciphertext its bytes from position on; not changed
     * @return how long the record is, header and all; -1 if too little is there to say
     * @throws TlsFailure if this is not TLS, or longer than a record may be
     */
    public static int length(ByteBuffer ciphertext) throws TlsFailure {
        int at = ciphertext.position();
        int count = ciphertext.remaining();
        if (count >= 1) {
            int type = ciphertext.get(at);
            if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) {
                throw notTls(ciphertext);
            }
        }
        if (count >= 2 && ciphertext.get(at + 1) != MAJOR_VERSION) {
            throw notTls(ciphertext);
        }
        if (count < HEADER_BYTES) {
            return -1;
        }
        int length = HEADER_BYTES + Short.toUnsignedInt(ciphertext.getShort(at + 3));
        if (length > MAX_BYTES) {
            throw TlsFailure.of(
                    Kind.TLS_VIOLATION, "the peer sent a TLS record of " + length + " bytes; the most is " + MAX_BYTES);
        }
        return length;
    }

    /**
     * Tells whether a whole record is there.
     *
     * @param ciphertext its bytes from position on; not changed
     * @return true if it is; also if what is there is not TLS, for then nothing more need be waited for
     */
    public static boolean isComplete(ByteBuffer ciphertext) {
        try {
            int length = length(ciphertext);
            return length >= 0 && ciphertext.remaining() >= length;
        } catch (TlsFailure e) {
            return true;
        }
    }

    static int type(ByteBuffer ciphertext) {
        return ciphertext.get(ciphertext.position());
    }

    /** Whether a peer that begins with such a record breaks the rules; it may begin with an alert. */
    static boolean isOutOfPlaceAtFirst(int type) {
        return type == CHANGE_CIPHER_SPEC || type == APPLICATION_DATA;
    }

    /** What RFC 8446 §5.1 calls it. */
    static String name(int type) {
        return type == CHANGE_CIPHER_SPEC ? "change_cipher_spec" : "application_data";
    }

    private static TlsFailure notTls(ByteBuffer found) {
        byte[] start = new byte[Math.min(found.remaining(), 8)];
        found.get(found.position(), start);
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String looks;
        if (text.matches("(?s)(GET |PUT |HEAD |POST |HTTP/|PRI \\*|OPTIONS|DELETE |PATCH |CONNECT).*")) {
            looks = "it sent what looks like HTTP";
        } else if (text.chars().allMatch(c -> (c >= ' ' && c <= '~') || c == '\r' || c == '\n' || c == '\t')) {
            looks = "it sent what looks like plain text";
        } else {
            looks = "it sent no TLS record";
        }
        return TlsFailure.of(Kind.NOT_TLS, "the peer does not speak TLS: " + looks);
    }
}
