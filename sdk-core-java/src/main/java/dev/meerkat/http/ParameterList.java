package dev.meerkat.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Parameters, names and values in turn in one array. */
final class ParameterList implements Parameters {
    static final ParameterList EMPTY = new ParameterList(List.of());

    private final String[] namesAndValues;

    private ParameterList(List<String> namesAndValues) {
        this.namesAndValues = namesAndValues.toArray(new String[0]);
    }

    static ParameterList of(List<String> namesAndValues) {
        return namesAndValues.isEmpty() ? EMPTY : new ParameterList(namesAndValues);
    }

    static ParameterList parse(String text, int limit) {
        if (text.isEmpty()) {
            return EMPTY;
        }
        List<String> found = new ArrayList<>();
        int from = 0;
        while (from <= text.length()) {
            int end = text.indexOf('&', from);
            end = end < 0 ? text.length() : end;
            if (end > from) {
                if (found.size() / 2 == limit) {
                    throw new MalformedTextException(text, from, "at most " + limit + " parameters");
                }
                int equals = text.indexOf('=', from);
                int nameEnd = equals < 0 || equals > end ? end : equals;
                found.add(PercentCoding.decode(text, from, nameEnd, true));
                found.add(nameEnd == end ? "" : PercentCoding.decode(text, nameEnd + 1, end, true));
            }
            from = end + 1;
        }
        return of(found);
    }

    @Override
    public Optional<String> first(String name) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i].equals(name)) {
                return Optional.of(namesAndValues[i + 1]);
            }
        }
        return Optional.empty();
    }

    @Override
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        forEach((candidate, value) -> {
            if (candidate.equals(name)) {
                values.add(value);
            }
        });
        return List.copyOf(values);
    }

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        forEach((name, value) -> names.add(name));
        return Collections.unmodifiableSet(names);
    }

    @Override
    public int size() {
        return namesAndValues.length / 2;
    }

    @Override
    public void forEach(BiConsumer<String, String> action) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            action.accept(namesAndValues[i], namesAndValues[i + 1]);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ParameterList that && Arrays.equals(namesAndValues, that.namesAndValues);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(namesAndValues);
    }

    @Override
    public String toString() {
        return encode();
    }
}
