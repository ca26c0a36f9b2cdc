package dev.meerkat.internal.upload;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which names are ordinary files on every system, in one directory. */
final class FileNames {
    /** What Linux, macOS and Windows take, in bytes of UTF-8 or fewer of their own units. */
    static final int MAX_BYTES = 255;

    /** Separators of paths, of drives and streams, and what Windows does not take. */
    private static final String FORBIDDEN = "/\\:<>\"|?*";

    /** Devices of Windows, with any extension; the small digits count, too. */
    private static final Pattern DEVICE =
            Pattern.compile("(CON|PRN|AUX|NUL|CLOCK\\$|CONIN\\$|CONOUT\\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3]) *(\\..*)?");

    private FileNames() {}

    /** What is wrong with a name, as the end of a sentence; empty if nothing is. */
    static Optional<String> problem(String name) {
        return Optional.ofNullable(find(name));
    }

    private static @Nullable String find(String name) {
        if (name.isEmpty()) {
            return "is empty";
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return "is longer than " + MAX_BYTES + " bytes";
        }
        if (name.charAt(0) == '.') {
            return "begins with a dot";
        }
        char last = name.charAt(name.length() - 1);
        if (name.charAt(0) == ' ' || last == ' ' || last == '.') {
            return "begins or ends with a space, or ends with a dot";
        }
        for (int i = 0; i < name.length(); i += Character.charCount(name.codePointAt(i))) {
            int next = name.codePointAt(i);
            if (FORBIDDEN.indexOf(next) >= 0) {
                return "holds a separator, or a character that some systems forbid";
            }
            if (isInvisible(Character.getType(next))) {
                return "holds a control or formatting character, or half of one";
            }
        }
        return DEVICE.matcher(name.toUpperCase(Locale.ROOT)).matches() ? "names a device" : null;
    }

    /** Line ends, zero bytes, what turns the direction of writing, unpaired surrogates. */
    private static boolean isInvisible(int type) {
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.SURROGATE
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
