package dev.meerkat.internal.tls;

import java.nio.ByteBuffer;

/**
 * An alert in clear: five bytes of header, a level, a description. A client that dislikes what it was shown may break
 * off before it has keys to say so encrypted (RFC 8446 §6.2), which engines that have theirs take for a broken record.
 */
final class TlsAlert {
    private static final int LENGTH = TlsRecord.HEADER_BYTES + 2;
    private static final int FATAL = 2;
    private static final int CLOSE_NOTIFY = 0;

    private TlsAlert() {}

    /** Whether there is no handshake any more after this record. */
    static boolean endsInClear(ByteBuffer record, int length) {
        int level = record.position() + TlsRecord.HEADER_BYTES;
        return length == LENGTH
                && TlsRecord.type(record) == TlsRecord.ALERT
                && (record.get(level) == FATAL || record.get(level + 1) == CLOSE_NOTIFY);
    }

    /** The name that the registry of IANA gives it. */
    static String name(ByteBuffer record) {
        int description = Byte.toUnsignedInt(record.get(record.position() + TlsRecord.HEADER_BYTES + 1));
        return switch (description) {
            case 0 -> "close_notify";
            case 10 -> "unexpected_message";
            case 20 -> "bad_record_mac";
            case 22 -> "record_overflow";
            case 40 -> "handshake_failure";
            case 42 -> "bad_certificate";
            case 43 -> "unsupported_certificate";
            case 44 -> "certificate_revoked";
            case 45 -> "certificate_expired";
            case 46 -> "certificate_unknown";
            case 47 -> "illegal_parameter";
            case 48 -> "unknown_ca";
            case 49 -> "access_denied";
            case 50 -> "decode_error";
            case 51 -> "decrypt_error";
            case 70 -> "protocol_version";
            case 71 -> "insufficient_security";
            case 80 -> "internal_error";
            case 86 -> "inappropriate_fallback";
            case 90 -> "user_canceled";
            case 109 -> "missing_extension";
            case 110 -> "unsupported_extension";
            case 112 -> "unrecognized_name";
            case 113 -> "bad_certificate_status_response";
            case 115 -> "unknown_psk_identity";
            case 116 -> "certificate_required";
            case 120 -> "no_application_protocol";
            default -> "number " + description;
        };
    }
}
