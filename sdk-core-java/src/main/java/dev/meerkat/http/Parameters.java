package dev.meerkat.http;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** Names with values, in order, as queries and forms carry them; names are case-sensitive and may repeat. Immutable. */
public interface Parameters {
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
}
