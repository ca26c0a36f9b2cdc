package dev.meerkat.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The names of the directories and the file that a path of a target leads through, below a root. Pure: what comes out
 * can be resolved one by one and never leads upwards, on any file system.
 *
 * @param names decoded, none of them empty
 * @param isDirectory whether the path ends in a slash
 */
record FilePath(List<String> names, boolean isDirectory) {
    /** Names that Windows takes for devices, whatever ending they have. */
    private static final String DEVICES = " con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9"
            + " lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 conin$ conout$ ";

    // Keeps the list from changing.
    FilePath {
        names = List.copyOf(names);
    }

    /**
     * Reads a path.
     *
     * @param path as it was sent, with escapes, from the first slash on
     * @param mounted how many names at the beginning led here and are not looked at
     * @param prefix what the rest has to begin with, decoded: empty, or a slash and names
     * @param hidden whether names that begin with a dot are served; {@code .well-known} always is (RFC 8615)
     * @param backslashes whether the file system separates names by backslashes, as that of Windows, and so has more
     *     names that are none
     * @return the names; empty if no file can be meant: the path does not begin with the prefix, or has a name that is
     *     empty, {@code .} or {@code ..} in any spelling, or has a separator or control character in it
     * @throws MalformedTextException if an escape is malformed, is byte 0 or not UTF-8: answered with 400
     */
    static Optional<FilePath> parse(String path, int mounted, String prefix, boolean hidden, boolean backslashes) {
        if (!path.startsWith("/")) {
            return Optional.empty();
        }
        String[] parts = path.substring(1).split("/", -1);
        List<String> names = new ArrayList<>();
        boolean possible = true;
        for (int i = 0; i < parts.length; i++) {
            String name = PercentCoding.decodePath(parts[i]); // all of them: a malformed one is 400 wherever it stands
            if (i < parts.length - 1 || !name.isEmpty()) {
                possible &= isName(name, backslashes);
                names.add(name);
            }
        }
        String[] before = prefix.isEmpty() ? new String[0] : prefix.substring(1).split("/", -1);
        if (!possible || names.size() < mounted + before.length) {
            return Optional.empty();
        }
        names.subList(0, mounted).clear();
        for (String name : before) {
            if (!names.remove(0).equals(name)) {
                return Optional.empty();
            }
        }
        for (String name : names) {
            if (!hidden && isHidden(name)) {
                return Optional.empty();
            }
        }
        boolean directory = names.isEmpty() || path.endsWith("/");
        return Optional.of(new FilePath(names, directory));
    }

    static boolean isHidden(String name) {
        return name.startsWith(".") && !name.equals(".well-known");
    }

    private static boolean isName(String name, boolean backslashes) {
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c == 0x7F || c == '/' || c == '\\' || (backslashes && "<>:\"|?*".indexOf(c) >= 0)) {
                return false;
            }
        }
        if (!backslashes) {
            return true;
        }
        char last = name.charAt(name.length() - 1);
        int dot = name.indexOf('.');
        String device = (dot < 0 ? name : name.substring(0, dot)).strip().toLowerCase(Locale.ROOT);
        return last != '.' && last != ' ' && !DEVICES.contains(" " + device + " ");
    }
}
