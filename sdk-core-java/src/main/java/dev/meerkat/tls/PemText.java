package dev.meerkat.tls;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a PEM text into its blocks (RFC 7468). Lax about what editors and mail do to a text: line ends, a byte order
 * mark, blanks around lines, anything between blocks. Strict about what is inside of a block.
 */
final class PemText {
    private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9][ -~]{0,62}?)-----");
    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String source;
    private final String[] lines;
    private final List<PemBlock> blocks = new ArrayList<>();

    private PemText(String source, String text) {
        this.source = source;
        this.lines = LINE_END.split(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text, -1);
    }

    /** Reads all blocks; at least one. */
    static List<PemBlock> split(String source, String text) {
        PemText split = new PemText(source, text);
        int line = 0;
        while (line < split.lines.length) {
            String content = split.lines[line].strip();
            if (content.startsWith("-----BEGIN")) {
                line = split.readBlock(line, content);
            } else if (content.startsWith("-----END")) {
                throw split.malformed(line, "an END without a BEGIN");
            } else {
                line++;
            }
        }
        if (split.blocks.isEmpty()) {
            throw new MalformedPemException(source + ": holds no PEM block; expected \"-----BEGIN CERTIFICATE-----\""
                    + (text.startsWith("0\uFFFD") ? "; it looks like DER, the binary form of the same" : ""));
        }
        return split.blocks;
    }

    /** Reads a block and answers the line behind it. */
    private int readBlock(int begin, String beginLine) {
        Matcher matcher = BEGIN.matcher(beginLine);
        if (!matcher.matches()) {
            boolean escaped = beginLine.contains("\\n");
            throw malformed(
                    begin,
                    "expected \"-----BEGIN \", a label, \"-----\" and the end of the line"
                            + (escaped ? "; its line ends are written as \\n" : ""));
        }
        if (blocks.size() == Pem.MAX_BLOCKS) {
            throw malformed(begin, "more than " + Pem.MAX_BLOCKS + " blocks, the most that are read");
        }
        String label = matcher.group(1);
        String endLine = "-----END " + label + "-----";
        PemBlock block = new PemBlock(source, blocks.size() + 1, label, begin + 1, new byte[0]);
        StringBuilder base64 = new StringBuilder();
        int line = begin + 1;
        if (line < lines.length && lines[line].indexOf(':') > 0) {
            line = skipHeaders(block, line);
        }
        for (; line < lines.length; line++) {
            String content = lines[line].strip();
            if (content.startsWith("-----")) {
                if (!content.equals(endLine)) {
                    throw block.malformed(
                            "expected \"" + endLine + "\" in line " + (line + 1) + ", found another label");
                }
                blocks.add(new PemBlock(source, block.number(), label, begin + 1, decode(block, base64)));
                return line + 1;
            }
            checkBase64(block, line, content);
            base64.append(content);
        }
        throw block.malformed("has no \"" + endLine + "\"; is the file cut short?");
    }

    /** Headers as in RFC 1421 §4.6 end with an empty line. They matter only in that they say how a key is encrypted. */
    private int skipHeaders(PemBlock block, int from) {
        int line = from;
        while (line < lines.length && lines[line].indexOf(':') > 0) {
            String header = lines[line].toUpperCase(Locale.ROOT);
            if (header.startsWith("PROC-TYPE") && header.contains("ENCRYPTED")) {
                throw block.malformed("is encrypted in the legacy way (Proc-Type), which is weak and not read;"
                        + " expected PKCS#8, as \"openssl pkcs8 -topk8 -in old.pem -out new.pem\" writes it");
            }
            line++;
        }
        return line;
    }

    private static void checkBase64(PemBlock block, int line, String content) {
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            boolean isDigit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!isDigit && c != '+' && c != '/' && c != '=') {
                throw block.malformed(String.format(
                        Locale.ROOT, "line %d is not Base64: U+%04X at column %d", line + 1, (int) c, i + 1));
            }
        }
    }

    private static byte[] decode(PemBlock block, StringBuilder base64) {
        if (base64.length() == 0) {
            throw block.malformed("is empty");
        }
        try {
            if (base64.length() % 4 == 0) {
                return Base64.getDecoder().decode(base64.toString());
            }
        } catch (IllegalArgumentException wrongPadding) {
            // said below
        }
        throw block.malformed("is not Base64: its " + base64.length()
                + " characters are no whole number of groups; is a line missing?");
    }

    private MalformedPemException malformed(int line, String problem) {
        return new MalformedPemException(source + ", line " + (line + 1) + ": " + problem);
    }
}
