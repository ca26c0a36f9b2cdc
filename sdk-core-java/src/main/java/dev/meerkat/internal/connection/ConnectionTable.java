package dev.meerkat.internal.connection;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The living connections in the order in which they were made. Removing leaves a hole, so that whoever walks the slots
 * by index is never disturbed; holes are closed when there are more of them than connections and nobody walks.
 */
final class ConnectionTable {
    private static final int COMPACTION_FLOOR = 64;

    private @Nullable RealConnection[] slots = new RealConnection[16];
    private int end;
    private int size;
    private int walkers;

    int size() {
        return size;
    }

    void add(RealConnection connection) {
        if (end == slots.length) {
            slots = Arrays.copyOf(slots, end * 2);
        }
        connection.tableIndex = end;
        slots[end++] = connection;
        size++;
    }

    void remove(RealConnection connection) {
        slots[connection.tableIndex] = null;
        size--;
        compactIfWorthwhile();
    }

    /** Visits every connection, in order; what is added meanwhile is not visited, what is removed is passed over. */
    void forEach(Consumer<RealConnection> visitor) {
        int last = end;
        walkers++;
        try {
            for (int i = 0; i < last; i++) {
                RealConnection connection = slots[i];
                if (connection != null) {
                    visitor.accept(connection);
                }
            }
        } finally {
            walkers--;
            compactIfWorthwhile();
        }
    }

    /** As {@link #forEach}, for those that are open when their turn comes. */
    void forEachOpen(Consumer<RealConnection> visitor) {
        forEach(connection -> {
            if (connection.isOpen()) {
                visitor.accept(connection);
            }
        });
    }

    List<Connection> snapshot() {
        List<Connection> living = new ArrayList<>(size);
        for (int i = 0; i < end; i++) {
            RealConnection connection = slots[i];
            if (connection != null && connection.state() != ConnectionState.CLOSED) {
                living.add(connection);
            }
        }
        return living;
    }

    /** Finds a connection by binary search: ids rise with the slots. */
    @Nullable
    RealConnection find(long id) {
        int low = 0;
        int high = end - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int probe = middle;
            while (probe <= high && slots[probe] == null) {
                probe++;
            }
            RealConnection connection = probe <= high ? slots[probe] : null;
            if (connection == null || connection.id() > id) {
                high = middle - 1;
            } else if (connection.id() < id) {
                low = probe + 1;
            } else {
                return connection;
            }
        }
        return null;
    }

    /** The living connection with the smallest id above this one. */
    @Nullable
    RealConnection findAfter(long id) {
        int low = 0;
        int high = end;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int probe = middle;
            while (probe < high && slots[probe] == null) {
                probe++;
            }
            RealConnection connection = probe < high ? slots[probe] : null;
            if (connection == null || connection.id() > id) {
                high = middle;
            } else {
                low = probe + 1;
            }
        }
        for (int i = low; i < end; i++) {
            RealConnection connection = slots[i];
            if (connection != null && connection.id() > id && connection.state() != ConnectionState.CLOSED) {
                return connection;
            }
        }
        return null;
    }

    private void compactIfWorthwhile() {
        if (walkers > 0 || end < COMPACTION_FLOOR || end < 2 * size) {
            return;
        }
        int kept = 0;
        for (int i = 0; i < end; i++) {
            RealConnection connection = slots[i];
            if (connection != null) {
                connection.tableIndex = kept;
                slots[kept++] = connection;
            }
        }
        Arrays.fill(slots, kept, end, null);
        end = kept;
    }
}
