package dev.meerkat.http;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a head or of a trailer section, in their order, never changing: names that differ in case are the same,
 * and a name may come several times (RFC 9110 §5). A field is reached by its index or by its name.
 *
 * <p>Names are tokens. Values are bytes, shown as characters of ISO-8859-1: one character a byte, without white space
 * around them. Fields that arrived keep the bytes they came in, and a string is made when it is asked for, each time;
 * asking whether a field is there, or has a certain value, makes none.
 *
 * <pre>{@code
 * Headers headers = Headers.of("Content-Type", "text/plain", "Cache-Control", "no-store");
 * boolean close = request.head().headers().containsToken("Connection", "close");
 * }</pre>
 */
public final class Headers {
    /** No fields. */
    public static final Headers EMPTY = new Headers(new byte[0], 0, 0, new int[0], 0);

    /** The lines of the fields, {@code name: value CR LF}, from {@code from} to {@code to}. */
    private final byte[] bytes;

    private final int from;
    private final int to;

    /** For each field where its name begins and ends and its value begins and ends. */
    private final int[] bounds;

    private final int size;

    /** A bit for each name, by {@link #bit}; if it is not set no field has the name. */
    private final long names;

    Headers(byte[] bytes, int from, int to, int[] bounds, int size) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.bounds = bounds;
        this.size = size;
        long seen = 0;
        for (int i = 0; i < size; i++) {
            int start = bounds[4 * i];
            int end = bounds[4 * i + 1];
            seen |= bit(end - start, Grammar.lower(bytes[start]), Grammar.lower(bytes[end - 1]));
        }
        names = seen;
    }

    /** Spreads the names that are common over the 64 bits; that two share one costs a comparison. */
    private static long bit(int length, int first, int last) {
        return 1L << (length * 7 + first * 5 + last * 3);
    }

    /**
     * Makes fields from names and values in turn.
     *
     * @param namesAndValues name, value, name, value and so on
     * @return the fields
     * @throws MalformedHeadException if a name is no token, or a value has a control character or one beyond U+00FF
     * @throws IllegalArgumentException if their number is odd
     */
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("names and values come in pairs: " + namesAndValues.length);
        }
        Builder builder = builder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            builder.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return builder.build();
    }

    /**
     * Starts without fields.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts from these fields.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        return new Builder().addAll(this);
    }

    /**
     * The number of fields; one that comes twice counts twice.
     *
     * @return 0 or more
     */
    public int size() {
        return size;
    }

    /**
     * Tells whether there are none.
     *
     * @return true if the size is 0
     */
    public boolean isEmpty() {
        return size == 0;
    }

    /**
     * The name of a field, as it was written.
     *
     * @param index 0 to {@code size() - 1}
     * @return the name
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public String name(int index) {
        int at = at(index);
        return Grammar.text(bytes, bounds[at], bounds[at + 1]);
    }

    /**
     * The value of a field.
     *
     * @param index 0 to {@code size() - 1}
     * @return the value, one character a byte; may be empty
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public String value(int index) {
        int at = at(index);
        return Grammar.text(bytes, bounds[at + 2], bounds[at + 3]);
    }

    private int at(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("no field " + index + " of " + size);
        }
        return 4 * index;
    }

    /**
     * Finds the first field with a name; makes no string.
     *
     * @param name the name, in any case
     * @return its index, or −1 if there is none
     */
    public int indexOf(String name) {
        return indexOf(name, 0);
    }

    /**
     * Finds the next field with a name; makes no string.
     *
     * @param name the name, in any case
     * @param start the first index that is looked at
     * @return its index, or −1 if there is none
     */
    public int indexOf(String name, int start) {
        int length = name.length();
        if (length == 0
                || (names & bit(length, Grammar.lower(name.charAt(0)), Grammar.lower(name.charAt(length - 1)))) == 0) {
            return -1;
        }
        for (int i = Math.max(start, 0); i < size; i++) {
            if (Grammar.same(bytes, bounds[4 * i], bounds[4 * i + 1], name)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Tells whether there is a field with a name.
     *
     * @param name the name, in any case
     * @return true if there is one at least
     */
    public boolean contains(String name) {
        return indexOf(name, 0) >= 0;
    }

    /**
     * The value of the first field with a name.
     *
     * @param name the name, in any case
     * @return the value, or empty if there is no such field
     */
    public Optional<String> first(String name) {
        int index = indexOf(name, 0);
        return index < 0 ? Optional.empty() : Optional.of(value(index));
    }

    /**
     * The values of all fields with a name, in their order.
     *
     * @param name the name, in any case
     * @return the values; none if there is no such field
     */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
            values.add(value(i));
        }
        return List.copyOf(values);
    }

    /**
     * Tells whether a field has a certain value; makes no string.
     *
     * @param index 0 to {@code size() - 1}
     * @param text the value; the case of ASCII letters does not matter
     * @return true if it is the whole value
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public boolean valueIs(int index, String text) {
        int at = at(index);
        return Grammar.same(bytes, bounds[at + 2], bounds[at + 3], text);
    }

    /**
     * The value of a field as a number, such as Content-Length; makes no string.
     *
     * @param index 0 to {@code size() - 1}
     * @return the number, or −1 if the value is not 1 to 18 decimal digits
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public long number(int index) {
        int at = at(index);
        return Grammar.number(bytes, bounds[at + 2], bounds[at + 3]);
    }

    /** Whether a value is empty, {@code host} or {@code host:port}. */
    boolean isAuthority(int index) {
        int at = at(index);
        return bounds[at + 2] == bounds[at + 3] || Grammar.isAuthority(bytes, bounds[at + 2], bounds[at + 3], false);
    }

    /**
     * Tells whether the fields with a name, read together as one list, have an element; makes no string. For
     * {@code Connection: keep-alive, Upgrade} for instance (RFC 9110 §5.6.1).
     *
     * @param name the name of the fields, in any case
     * @param token the whole element, its parameters too, not empty; the case of ASCII letters does not matter
     * @return true if one element is the token
     */
    public boolean containsToken(String name, String token) {
        for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
            if (Elements.contain(bytes, bounds[4 * i + 2], bounds[4 * i + 3], token)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The elements of the fields with a name, read together as one list; a comma inside a quoted string separates
     * nothing, and empty elements are left out (RFC 9110 §5.6.1).
     *
     * @param name the name of the fields, in any case
     * @return the elements in their order, with their parameters and quotes
     */
    public List<String> elements(String name) {
        List<String> elements = new ArrayList<>();
        for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
            Elements.collect(bytes, bounds[4 * i + 2], bounds[4 * i + 3], elements);
        }
        return List.copyOf(elements);
    }

    /**
     * Calls for each field, in their order.
     *
     * @param action takes name and value
     */
    public void forEach(BiConsumer<? super String, ? super String> action) {
        for (int i = 0; i < size; i++) {
            action.accept(name(i), value(i));
        }
    }

    /**
     * How many bytes {@link #writeTo} writes.
     *
     * @return the length of all lines, each with its CR LF
     */
    public int encodedLength() {
        return to - from;
    }

    /**
     * Writes the lines of all fields, each with its CR LF, without the empty line that ends a head.
     *
     * @param target where to; its position moves by {@link #encodedLength()}
     * @throws java.nio.BufferOverflowException if there is no room for all; then none is written
     */
    public void writeTo(ByteBuffer target) {
        target.put(bytes, from, to - from);
    }

    /** Fields are equal if their names are, but for case, and their values, byte for byte, in the same order. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Headers that
                && size == that.size
                && FieldBytes.same(bytes, bounds, that.bytes, that.bounds, size);
    }

    @Override
    public int hashCode() {
        return FieldBytes.hash(bytes, bounds, size);
    }

    /** Shows the fields as {@code [name: value, …]}, for tests and people; mind that values may be secrets. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        forEach((name, value) -> text.append(text.length() == 1 ? "" : ", ")
                .append(name)
                .append(": ")
                .append(value));
        return text.append(']').toString();
    }

    /** Collects fields; each method answers the builder itself. */
    public static final class Builder {
        private final List<String> texts = new ArrayList<>();

        private Builder() {}

        /**
         * Adds a field behind the others, one of the same name too.
         *
         * @param name a token
         * @param value its characters are U+0020 to U+00FF without U+007F, or tabs; white space around it goes
         * @return this builder
         * @throws MalformedHeadException if the name or the value has a character that it may not have
         */
        public Builder add(String name, String value) {
            texts.add(FieldText.requireName(name));
            texts.add(FieldText.requireValue(name, value));
            return this;
        }

        /**
         * Adds fields behind the others.
         *
         * @param headers the fields
         * @return this builder
         */
        public Builder addAll(Headers headers) {
            headers.forEach((name, value) -> {
                texts.add(name);
                texts.add(value);
            });
            return this;
        }

        /**
         * Sets a field: the first of its name gets the value, further ones go; if there is none it is added.
         *
         * @param name a token
         * @param value its characters are U+0020 to U+00FF without U+007F, or tabs; white space around it goes
         * @return this builder
         * @throws MalformedHeadException if the name or the value has a character that it may not have
         */
        public Builder set(String name, String value) {
            String checked = FieldText.requireValue(FieldText.requireName(name), value);
            boolean done = FieldText.replace(texts, name, checked);
            return done ? this : add(name, checked);
        }

        /**
         * Removes all fields of a name.
         *
         * @param name the name, in any case
         * @return this builder
         */
        public Builder remove(String name) {
            FieldText.remove(texts, name, 0);
            return this;
        }

        /**
         * Makes the fields.
         *
         * @return the fields
         */
        public Headers build() {
            return texts.isEmpty() ? EMPTY : FieldText.encode(texts);
        }
    }
}
