package dev.meerkat.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Names with values, in order, as queries and forms carry them (application/x-www-form-urlencoded, URL standard §5);
 * names are case-sensitive and may repeat. Immutable.
 *
 * <pre>{@code
 * Parameters query = Parameters.parse("q=caf%C3%A9+noir&page=2");
 * query.first("q");                                                    // café noir
 * String again = Parameters.builder().add("q", "café noir").add("page", "2").build().encode();
 * }</pre>
 */
public interface Parameters {
    /** How many parameters are read where nothing else is said: 1,000, as Tomcat, Undertow and PHP do. */
    int DEFAULT_LIMIT = 1_000;

    /**
     * None.
     *
     * @return no parameters
     */
    static Parameters empty() {
        return ParameterList.EMPTY;
    }

    /**
     * Reads a query or a form, within {@link #DEFAULT_LIMIT}.
     *
     * @param text as of {@link #parse(String, int)}
     * @return the decoded parameters
     * @throws MalformedTextException as of {@link #parse(String, int)}
     */
    static Parameters parse(String text) {
        return parse(text, DEFAULT_LIMIT);
    }

    /**
     * Reads a query or a form. Parameters stand between ampersands; empty ones are passed over; one without an equals
     * sign has an empty value. Names and values are decoded by {@link PercentCoding#decodeForm}.
     *
     * @param text without the question mark
     * @param limit the most parameters to take
     * @return the decoded parameters
     * @throws MalformedTextException if an escape is malformed, or there are more than the limit
     */
    static Parameters parse(String text, int limit) {
        return ParameterList.parse(text, limit);
    }

    /**
     * Starts with none.
     *
     * @return a builder
     */
    static Builder builder() {
        return new Builder();
    }

    /**
     * The first value of a name.
     *
     * @param name the name
     * @return its value
     */
    Optional<String> first(String name);

    /**
     * All values of a name.
     *
     * @param name the name
     * @return in their order
     */
    List<String> all(String name);

    /**
     * The names.
     *
     * @return in the order of their first values
     */
    Set<String> names();

    /**
     * How many values there are.
     *
     * @return the number
     */
    int size();

    /**
     * Visits all.
     *
     * @param action is given name and value, in their order
     */
    void forEach(BiConsumer<String, String> action);

    /**
     * Writes them as a query or a form.
     *
     * @return for example {@code q=caf%C3%A9+noir&page=2}; {@link #parse} reads the same out of it
     */
    default String encode() {
        StringBuilder text = new StringBuilder();
        forEach((name, value) -> text.append(text.length() == 0 ? "" : "&")
                .append(PercentCoding.encodeForm(name))
                .append('=')
                .append(PercentCoding.encodeForm(value)));
        return text.toString();
    }

    /** Collects parameters. */
    final class Builder {
        private final List<String> namesAndValues = new ArrayList<>();

        private Builder() {}

        /**
         * Adds a parameter behind those that are there.
         *
         * @param name its name
         * @param value its value
         * @return this
         */
        public Builder add(String name, String value) {
            namesAndValues.add(Objects.requireNonNull(name, "name"));
            namesAndValues.add(Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * Makes the parameters.
         *
         * @return those that were added, in their order
         */
        public Parameters build() {
            return ParameterList.of(namesAndValues);
        }
    }
}
