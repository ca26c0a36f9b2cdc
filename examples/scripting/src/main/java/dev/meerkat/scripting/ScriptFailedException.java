package dev.meerkat.scripting;

import org.jspecify.annotations.Nullable;

/** A script is malformed, threw, or took too many steps. The message names file and line where they are known. */
public final class ScriptFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable String file;
    private final int line;

    /**
     * Makes one.
     *
     * @param what what went wrong
     * @param file the script, or null if it is not known
     * @param line the line, counted from 1, or 0 if it is not known
     * @param cause what the engine threw, or null
     */
    public ScriptFailedException(String what, @Nullable String file, int line, @Nullable Throwable cause) {
        super((file == null ? "" : file + (line > 0 ? ":" + line : "") + ": ") + what, cause);
        this.file = file;
        this.line = line;
    }

    /**
     * The script that failed.
     *
     * @return its name as it was given, or null if it is not known
     */
    public @Nullable String file() {
        return file;
    }

    /**
     * The line that failed.
     *
     * @return counted from 1, or 0 if it is not known
     */
    public int line() {
        return line;
    }
}
