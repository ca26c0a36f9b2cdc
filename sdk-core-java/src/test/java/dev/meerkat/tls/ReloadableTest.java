package dev.meerkat.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReloadableTest {
    private final ArrayDeque<String> next = new ArrayDeque<>(List.of("first"));

    private String load() {
        if (next.isEmpty()) {
            throw new IllegalStateException("nothing there");
        }
        return next.pop();
    }

    @Test
    void itIsLoadedWhenItIsMadeAndWhenItIsTold() {
        Reloadable<String> value = Reloadable.of(this::load);
        next.add("second");
        assertEquals("first", value.current());
        assertEquals("second", value.reload());
        assertEquals("second", value.current());
    }

    @Test
    void aLoaderThatFailsSaysSoAndTheOldValueStays() {
        Reloadable<String> value = Reloadable.of(this::load);
        assertThrows(IllegalStateException.class, value::reload);
        assertEquals("first", value.current());
        next.add("second");
        assertEquals("second", value.reload());
    }

    @Test
    void aLoaderThatFailsAtFirstFailsAtOnce() {
        next.clear();
        assertThrows(IllegalStateException.class, () -> Reloadable.of(this::load));
        assertThrows(NullPointerException.class, () -> Reloadable.of(() -> null));
    }

    @Test
    void ofTwoThatLoadAtOnceTheOneThatBeganLastWins() {
        var values = new ArrayDeque<>(List.of("first", "early", "late"));
        var holder = new Object() {
            Reloadable<String> value;
        };
        holder.value = Reloadable.of(() -> {
            String mine = values.pop();
            if (mine.equals("early")) { // while this one loads, another begins and ends
                assertEquals("late", holder.value.reload());
            }
            return mine;
        });
        assertEquals("late", holder.value.reload());
        assertEquals("late", holder.value.current());
    }
}
