package dev.meerkat.multipart;

import dev.meerkat.http.Headers;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One part of a multipart body: what its head says, and an object of the program's that stays with it. All events of a
 * part carry the same object.
 *
 * <p>All that the peer says here is a claim: a file name may be a path, a content type may be wrong.
 */
public final class Part {
    private static final String DEFAULT_TYPE = "text/plain";

    private final int index;
    private final @Nullable String name;
    private final @Nullable String fileName;
    private final Headers headers;
    private @Nullable Object attachment;

    /**
     * Makes a part; whoever reads a body does, and tests of handlers.
     *
     * @param index which part of the body it is, 0 for the first
     * @param name the name of the form's field, decoded; null if there is none
     * @param fileName the name of the file, decoded; null if there is none
     * @param headers the header fields
     */
    public Part(int index, @Nullable String name, @Nullable String fileName, Headers headers) {
        this.index = index;
        this.name = name;
        this.fileName = fileName;
        this.headers = Objects.requireNonNull(headers, "headers");
    }

    /**
     * Which part of the body it is.
     *
     * @return 0 for the first
     */
    public int index() {
        return index;
    }

    /**
     * The name of the form's field (RFC 7578 §4.2): the parameter {@code name} of Content-Disposition, read as UTF-8,
     * with the quotes and line ends back in place that browsers write as {@code %22}, {@code %0D} and {@code %0A}.
     *
     * @return the name, which may be empty; none if the part is not a form's or does not tell
     */
    public Optional<String> name() {
        return Optional.ofNullable(name);
    }

    /**
     * The name that the file has at the sender's: the parameter {@code filename*} (RFC 8187) if there is one, else
     * {@code filename}, which is read as the name is. Never use it as a path.
     *
     * @return the file name as it was sent, which may be empty, as browsers have it if no file was chosen, and may hold
     *     separators and control characters; none if the part is not a file
     */
    public Optional<String> fileName() {
        return Optional.ofNullable(fileName);
    }

    /**
     * The media type.
     *
     * @return the field Content-Type as it was sent, or {@code text/plain}, which it is by default (RFC 7578 §4.4)
     */
    public String contentType() {
        return headers.first("Content-Type").orElse(DEFAULT_TYPE);
    }

    /**
     * The header fields, in the order in which they were sent.
     *
     * @return the fields
     */
    public Headers headers() {
        return headers;
    }

    /**
     * Keeps an object of the program's with this part, for instance where its data goes.
     *
     * @param object the object, or null for none
     */
    public void attach(@Nullable Object object) {
        attachment = object;
    }

    /**
     * Returns the attached object.
     *
     * @param type its class
     * @param <T> its type
     * @return the object, or null if there is none
     * @throws ClassCastException if the object is of another class
     */
    public <T> @Nullable T attachment(Class<T> type) {
        return type.cast(attachment);
    }

    @Override
    public String toString() {
        return "Part[" + index + ", name " + name + ", file name " + fileName + "]";
    }
}
