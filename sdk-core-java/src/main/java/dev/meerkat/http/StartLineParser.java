package dev.meerkat.http;

import dev.meerkat.internal.check.Tokens;

/** Request lines and status lines (RFC 9112 §3, §4) whose ends are known, and the field Host. */
final class StartLineParser {
    private static final int VERSION_LENGTH = 8;

    private StartLineParser() {}

    /** Reads {@code method SP target SP version}. */
    static RequestHead request(byte[] bytes, int lineEnd, Headers headers) throws HttpException {
        int methodEnd = Tokens.end(bytes, 0, lineEnd);
        if (methodEnd == 0 || methodEnd == lineEnd || bytes[methodEnd] != ' ') {
            int end = methodEnd;
            while (end < lineEnd && bytes[end] != ' ') {
                end++;
            }
            if (end == lineEnd) {
                throw malformedRequestLine(bytes, lineEnd);
            }
            throw exception(HttpRule.MALFORMED_METHOD, "a method that is no token: " + Grammar.shown(bytes, 0, end));
        }
        int targetEnd = lineEnd - VERSION_LENGTH - 1;
        if (targetEnd <= methodEnd + 1 || bytes[targetEnd] != ' ') {
            throw wrongEnd(bytes, methodEnd, lineEnd);
        }
        HttpVersion version = version(bytes, targetEnd + 1);
        TargetForm form = Targets.formOf(bytes, 0, methodEnd, targetEnd);
        return new RequestHead(bytes, methodEnd, targetEnd, form, version, headers);
    }

    /** Says why eight bytes behind the last space are missing. */
    private static HttpException wrongEnd(byte[] bytes, int methodEnd, int lineEnd) {
        int last = lineEnd - 1;
        while (bytes[last] != ' ') {
            last--;
        }
        if (last <= methodEnd + 1) {
            return malformedRequestLine(bytes, lineEnd);
        }
        return exception(
                HttpRule.MALFORMED_VERSION,
                "a version has the form HTTP/1.1, but that is " + Grammar.shown(bytes, last + 1, lineEnd));
    }

    private static HttpException malformedRequestLine(byte[] bytes, int lineEnd) {
        return exception(
                HttpRule.MALFORMED_REQUEST_LINE,
                "a request line is method, target and version with a space between, but that is "
                        + Grammar.shown(bytes, 0, lineEnd));
    }

    /** Reads {@code version SP status SP reason}, or without the last two. */
    static ResponseHead response(byte[] bytes, int lineEnd, Headers headers) throws HttpException {
        int statusStart = VERSION_LENGTH + 1;
        int statusEnd = statusStart + 3;
        boolean shaped = lineEnd >= statusEnd
                && bytes[VERSION_LENGTH] == ' '
                && (lineEnd == statusEnd || bytes[statusEnd] == ' ')
                && Grammar.isDigit(bytes[statusStart])
                && Grammar.isDigit(bytes[statusStart + 1])
                && Grammar.isDigit(bytes[statusStart + 2]);
        int status = shaped
                ? (bytes[statusStart] - '0') * 100 + (bytes[statusStart + 1] - '0') * 10 + bytes[statusStart + 2] - '0'
                : 0;
        if (status < 100 || status > 599) {
            throw exception(
                    HttpRule.MALFORMED_STATUS_LINE,
                    "a status line is version, status (100 to 599) and reason, but that is "
                            + Grammar.shown(bytes, 0, lineEnd));
        }
        HttpVersion version = version(bytes, 0);
        return new ResponseHead(version, status, bytes, Math.min(statusEnd + 1, lineEnd), lineEnd, headers);
    }

    /** Reads eight bytes as {@code HTTP/digit.digit} (RFC 9112 §2.3). */
    private static HttpVersion version(byte[] bytes, int from) throws HttpException {
        boolean shaped = bytes[from] == 'H'
                && bytes[from + 1] == 'T'
                && bytes[from + 2] == 'T'
                && bytes[from + 3] == 'P'
                && bytes[from + 4] == '/'
                && Grammar.isDigit(bytes[from + 5])
                && bytes[from + 6] == '.'
                && Grammar.isDigit(bytes[from + 7]);
        if (!shaped) {
            throw exception(
                    HttpRule.MALFORMED_VERSION,
                    "a version has the form HTTP/1.1, but that is " + Grammar.shown(bytes, from, from + 8));
        }
        if (bytes[from + 5] != '1') {
            throw exception(
                    HttpRule.UNSUPPORTED_VERSION,
                    "version " + Grammar.shown(bytes, from, from + 8) + " where 1.0 and 1.1 are spoken");
        }
        // A higher minor version is read as the highest one that is known (RFC 9110 §2.5).
        return bytes[from + 7] == '0' ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
    }

    /** One Host field, well-formed or empty, in HTTP/1.1; at most one before (RFC 9112 §3.2). */
    static void checkHost(RequestHead head) throws HttpException {
        Headers headers = head.headers();
        int index = headers.indexOf("Host");
        if (index < 0) {
            if (head.version() == HttpVersion.HTTP_1_0) {
                return;
            }
            throw exception(HttpRule.MISSING_HOST, "a request of HTTP/1.1 without a Host field");
        }
        if (headers.indexOf("Host", index + 1) >= 0) {
            throw exception(HttpRule.SEVERAL_HOSTS, "more than one Host field");
        }
        if (!headers.isAuthority(index)) {
            throw exception(
                    HttpRule.MALFORMED_HOST,
                    "Host is host or host:port, but is " + FieldText.quoted(headers.value(index)));
        }
    }

    private static HttpException exception(HttpRule rule, String message) {
        return new HttpException(new HttpError(rule, message));
    }
}
