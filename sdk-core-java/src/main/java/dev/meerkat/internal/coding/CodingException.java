package dev.meerkat.internal.coding;

/** A compressed body cannot be decompressed, or may not. Whoever reads the body turns it into what users see. */
public final class CodingException extends Exception {
    private static final long serialVersionUID = 1;

    /** What is wrong. */
    public enum Kind {
        /** The bytes are none of the coding, or end too early. */
        MALFORMED,
        /** It becomes larger than it may. */
        TOO_LARGE,
        /** Who reads it leaves more than is kept. */
        NOT_TAKEN
    }

    private final Kind kind;

    CodingException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    /**
     * What is wrong.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }
}
