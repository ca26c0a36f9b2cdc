package dev.meerkat.http;

/** The target of a request line (RFC 9112 §3.2). */
final class Targets {
    private Targets() {}

    /**
     * Which form the target has that follows a method and a space.
     *
     * @throws HttpException if it has none, or not the one of its method
     */
    static TargetForm formOf(byte[] bytes, int start, int methodEnd, int to) throws HttpException {
        int from = methodEnd + 1;
        int end = Grammar.targetEnd(bytes, from, to);
        if (end != to || from == to) {
            throw malformed(
                    "the target must have visible ASCII characters only and no fragment, but is ", bytes, from, to);
        }
        boolean connect = Grammar.same(bytes, start, methodEnd, "CONNECT") && bytes[start] == 'C';
        if (connect) {
            if (!Grammar.isAuthority(bytes, from, to, true)) {
                throw wrongForm("the target of CONNECT is host:port, but is ", bytes, from, to);
            }
            return TargetForm.AUTHORITY;
        }
        if (bytes[from] == '/') {
            return TargetForm.ORIGIN;
        }
        if (bytes[from] == '*' && to - from == 1) {
            if (!Grammar.same(bytes, start, methodEnd, "OPTIONS")) {
                throw wrongForm("only the target of OPTIONS may be * but this is one of ", bytes, start, methodEnd);
            }
            return TargetForm.ASTERISK;
        }
        requireAbsolute(bytes, from, to);
        return TargetForm.ABSOLUTE;
    }

    private static void requireAbsolute(byte[] bytes, int from, int to) throws HttpException {
        int at = from;
        while (at < to
                && (Grammar.isLetter(bytes[at])
                        || (at > from && (Grammar.isDigit(bytes[at]) || "+-.".indexOf(bytes[at]) >= 0)))) {
            at++;
        }
        boolean scheme = at > from && at + 2 < to && bytes[at] == ':' && bytes[at + 1] == '/' && bytes[at + 2] == '/';
        if (!scheme) {
            throw malformed("the target begins neither with / nor with a scheme: ", bytes, from, to);
        }
        // User information is refused with the rest: who put it there tries to hide the host (RFC 9110 §4.2.4).
        if (!Grammar.isAuthority(bytes, at + 3, authorityEnd(bytes, from, to), false)) {
            throw malformed("the authority of the target is host or host:port, but that is ", bytes, from, to);
        }
    }

    /** Where the authority of an absolute target begins. */
    static int authorityStart(byte[] bytes, int from) {
        int at = from;
        while (bytes[at] != ':') {
            at++;
        }
        return at + 3;
    }

    /** Where the authority of an absolute target ends. */
    static int authorityEnd(byte[] bytes, int from, int to) {
        int at = authorityStart(bytes, from);
        while (at < to && bytes[at] != '/' && bytes[at] != '?') {
            at++;
        }
        return at;
    }

    private static HttpException malformed(String sentence, byte[] bytes, int from, int to) {
        return new HttpException(new HttpError(HttpRule.MALFORMED_TARGET, sentence + Grammar.shown(bytes, from, to)));
    }

    private static HttpException wrongForm(String sentence, byte[] bytes, int from, int to) {
        return new HttpException(new HttpError(HttpRule.WRONG_TARGET_FORM, sentence + Grammar.shown(bytes, from, to)));
    }
}
