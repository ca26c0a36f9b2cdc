package dev.meerkat.internal.multipart;

import dev.meerkat.http.Headers;
import dev.meerkat.internal.check.Tokens;
import dev.meerkat.multipart.MultipartError.Kind;
import dev.meerkat.multipart.MultipartLimits;
import dev.meerkat.multipart.Part;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of one part, collected from input that comes in pieces, and what they mean. Lines end with CR LF
 * and nothing else; a line that continues another (RFC 5322 §2.2.3, obsolete in HTTP) is refused, because not everybody
 * on the way would read it.
 */
final class PartHead {
    private static final int FIRST_BYTES = 256;

    /** What leaves data as it is (RFC 2045 §6.2); RFC 7578 §4.7 has no others. */
    private static final List<String> PLAIN_ENCODINGS = List.of("7bit", "8bit", "binary");

    private final MultipartLimits limits;
    private final Headers.Builder headers = Headers.builder();
    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;
    private int lineStart;
    private int fields;
    private @Nullable String disposition;
    private @Nullable String type;
    private @Nullable String encoding;

    PartHead(MultipartLimits limits) {
        this.limits = limits;
    }

    /** Takes bytes up to the empty line, which it takes, too; tells whether that has come. */
    boolean take(ByteBuffer input) throws MultipartException {
        while (input.hasRemaining()) {
            append(input.get());
            boolean afterReturn = length - 2 >= lineStart && bytes[length - 2] == '\r';
            if (bytes[length - 1] == '\n') {
                if (!afterReturn) {
                    throw MultipartException.malformed("a line of a part's head ends with LF alone (RFC 2046 §5.1.1)");
                }
                int end = length - 2;
                if (end == lineStart) {
                    return true;
                }
                field(lineStart, end);
                lineStart = length;
            } else if (afterReturn) {
                throw MultipartException.malformed("a CR without LF in a part's head");
            }
        }
        return false;
    }

    private void append(byte next) throws MultipartException {
        if (length == limits.maxPartHeadBytes()) {
            throw tooLarge("is longer than " + length + " bytes");
        }
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(limits.maxPartHeadBytes(), length * 2));
        }
        bytes[length++] = next;
    }

    private void field(int from, int end) throws MultipartException {
        if (++fields > limits.maxPartFields()) {
            throw tooLarge("has more than " + limits.maxPartFields() + " fields");
        }
        if (bytes[from] == ' ' || bytes[from] == '\t') {
            throw MultipartException.malformed("a part's head continues a line by folding");
        }
        int colon = from;
        while (colon < end && Tokens.has(bytes[colon])) {
            colon++;
        }
        if (colon == from || colon == end || bytes[colon] != ':') {
            throw MultipartException.malformed("a field of a part's head is no name and colon: "
                    + MultipartException.quote(new String(bytes, from, end - from, StandardCharsets.ISO_8859_1)));
        }
        String name = new String(bytes, from, colon - from, StandardCharsets.US_ASCII);
        for (int i = colon + 1; i < end; i++) {
            if ((bytes[i] >= 0 && bytes[i] < ' ' && bytes[i] != '\t') || bytes[i] == 0x7F) {
                throw MultipartException.malformed("a control character in the field " + name + " of a part");
            }
        }
        keep(name, strip(new String(bytes, colon + 1, end - colon - 1, StandardCharsets.ISO_8859_1)));
    }

    private void keep(String name, String value) throws MultipartException {
        switch (name.toLowerCase(Locale.ROOT)) {
            case "content-disposition" -> disposition = once(disposition, name, value);
            case "content-type" -> type = once(type, name, value);
            case "content-transfer-encoding" -> encoding = once(encoding, name, value);
            default -> {}
        }
        headers.add(name, value);
    }

    private static String once(@Nullable String before, String name, String value) throws MultipartException {
        if (before != null) {
            throw MultipartException.malformed("the field " + name + " is given twice in a part's head");
        }
        return value;
    }

    /** What the head says, once it is complete. */
    Part part(int index) throws MultipartException {
        if (type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
            throw MultipartException.unsupported("a part is multipart itself, which is out of use (RFC 7578 §4.3)");
        }
        if (encoding != null && !PLAIN_ENCODINGS.contains(encoding.toLowerCase(Locale.ROOT))) {
            throw MultipartException.unsupported("the data of a part is encoded, which is out of use (RFC 7578 §4.7): "
                    + MultipartException.quote(encoding));
        }
        String name = null;
        String fileName = null;
        if (disposition != null) {
            byte[] raw = disposition.getBytes(StandardCharsets.ISO_8859_1);
            HeaderParameters parameters =
                    HeaderParameters.of(ExtendedValue.utf8(ByteBuffer.wrap(raw), "the Content-Disposition of a part"));
            refuseVariants(parameters);
            name = parameters.value().equals("form-data") ? unescaped(parameters.get("name")) : null;
            String extended = parameters.get("filename*");
            fileName = extended == null
                    ? unescaped(parameters.get("filename"))
                    : ExtendedValue.decode("filename*", extended);
        }
        checkLength(name);
        checkLength(fileName);
        return new Part(index, name, fileName, headers.build());
    }

    /** Names in pieces (RFC 2231 §3) and names in other charsets are read by some and not by others. */
    private static void refuseVariants(HeaderParameters parameters) throws MultipartException {
        for (String parameter : parameters.all().keySet()) {
            if (parameter.startsWith("name*") || (parameter.startsWith("filename*") && parameter.length() > 9)) {
                throw MultipartException.unsupported("of the extended parameters only filename* is understood, but not "
                        + MultipartException.quote(parameter));
            }
        }
    }

    /** Undoes what browsers do to quotes and line ends (URL and HTML standards: multipart/form-data encoding). */
    private static @Nullable String unescaped(@Nullable String text) {
        return text == null || text.indexOf('%') < 0
                ? text
                : text.replace("%0D", "\r").replace("%0A", "\n").replace("%22", "\"");
    }

    private void checkLength(@Nullable String name) throws MultipartException {
        if (name != null && name.getBytes(StandardCharsets.UTF_8).length > limits.maxNameBytes()) {
            throw tooLarge("has a name longer than " + limits.maxNameBytes() + " bytes");
        }
    }

    private static MultipartException tooLarge(String what) {
        return new MultipartException(Kind.PART_HEAD_TOO_LARGE, "the head of a part " + what);
    }

    private static String strip(String value) {
        int from = 0;
        int end = value.length();
        while (from < end && isSpace(value.charAt(from))) {
            from++;
        }
        while (end > from && isSpace(value.charAt(end - 1))) {
            end--;
        }
        return value.substring(from, end);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }
}
