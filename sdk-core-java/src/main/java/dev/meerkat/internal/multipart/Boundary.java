package dev.meerkat.internal.multipart;

import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;

/**
 * The boundary that a media type names (RFC 2046 §5.1.1): 1 to 70 of certain characters, the last of them no space.
 *
 * @param value the boundary
 * @param isForm whether the type is multipart/form-data
 */
public record Boundary(String value, boolean isForm) {
    /** RFC 2046 §5.1.1. */
    static final int MAX_CHARS = 70;

    /** What a Content-Type says: a boundary, or why there is none. */
    public sealed interface Found {
        /** It is multipart. */
        record Of(Boundary boundary) implements Found {}

        /** It is not, or is so wrongly. */
        record None(MultipartError error) implements Found {}
    }

    /** Reads the boundary from a Content-Type; an empty one is a type that is not given. */
    public static Found of(String contentType) {
        try {
            return new Found.Of(read(contentType));
        } catch (MultipartException e) {
            return new Found.None(e.error());
        }
    }

    static Boundary read(String contentType) throws MultipartException {
        HeaderParameters type = contentType.isEmpty() ? null : HeaderParameters.ofMediaType(contentType);
        if (type == null || !type.value().startsWith("multipart/")) {
            throw new MultipartException(
                    Kind.UNSUPPORTED,
                    "the content type is multipart, but not " + MultipartException.quote(contentType));
        }
        String value = type.get("boundary");
        if (value == null) {
            throw MultipartException.malformed("the content type names no boundary (RFC 2046 §5.1.1)");
        }
        if (!isValid(value)) {
            throw MultipartException.malformed(
                    "a boundary is 1 to 70 characters of RFC 2046 §5.1.1, but not " + MultipartException.quote(value));
        }
        return new Boundary(value, type.value().equals("multipart/form-data"));
    }

    /** Whether the text may be a boundary. */
    public static boolean isValid(String value) {
        return !value.isEmpty()
                && value.length() <= MAX_CHARS
                && value.charAt(value.length() - 1) != ' '
                && value.chars().allMatch(Boundary::isBoundaryChar);
    }

    static boolean isAlphanumeric(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static boolean isBoundaryChar(int c) {
        return isAlphanumeric(c) || "'()+_,-./:=? ".indexOf(c) >= 0;
    }
}
