package dev.meerkat.internal.ws;

import dev.meerkat.EventManager;
import dev.meerkat.internal.buffer.HandOuts;
import dev.meerkat.websocket.WebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The open WebSockets of a protocol on one manager, in the order in which they were opened. Loop thread. Whoever is
 * visited may leave, and have others leave or come: those who come are not visited, nor are those who have left.
 */
final class Room {
    private static final int LEAST_SLOTS = 8;

    private final EventManager manager;
    /** Null where somebody has left. */
    private @Nullable RealWebSocket[] slots = new RealWebSocket[LEAST_SLOTS];

    private int end;
    private int size;
    private int visitors;
    private final @Nullable HandOuts handOuts;
    private final @Nullable Bundle bundle;

    Room(EventManager manager) {
        this.manager = manager;
        this.handOuts = manager instanceof HandOuts.Owner owner ? owner.handOuts() : null;
        this.bundle = handOuts == null ? null : new Bundle(this, handOuts);
    }

    /** Where messages for all wait for the end of the turn; null on a manager without such a place. */
    @Nullable
    Bundle bundle() {
        return bundle;
    }

    /** Has all that is for many stand in the queues, in front of what comes next. */
    void settle() {
        HandOuts present = handOuts;
        if (present != null) {
            present.settle();
        }
    }

    EventManager manager() {
        return manager;
    }

    int size() {
        return size;
    }

    void add(RealWebSocket webSocket) {
        settle(); // what was sent before is not for who comes
        if (end == slots.length) {
            if (visitors == 0 && size <= end / 2) {
                compact();
            } else {
                slots = Arrays.copyOf(slots, end * 2);
            }
        }
        slots[end] = webSocket;
        webSocket.slot = end;
        end++;
        size++;
    }

    void remove(RealWebSocket webSocket) {
        slots[webSocket.slot] = null;
        size--;
        if (visitors == 0 && end > LEAST_SLOTS && size < end / 4) {
            compact();
        }
    }

    void forEach(Consumer<? super RealWebSocket> visit) {
        int last = end;
        visitors++;
        try {
            for (int i = 0; i < last; i++) {
                RealWebSocket webSocket = slots[i];
                if (webSocket != null) {
                    visit.accept(webSocket);
                }
            }
        } finally {
            visitors--;
        }
    }

    List<WebSocket> copy() {
        List<WebSocket> copy = new ArrayList<>(size);
        forEach(copy::add);
        return copy;
    }

    private void compact() {
        RealWebSocket[] packed = new RealWebSocket[Math.max(LEAST_SLOTS, size * 2)];
        int count = 0;
        for (int i = 0; i < end; i++) {
            RealWebSocket webSocket = slots[i];
            if (webSocket != null) {
                packed[count] = webSocket;
                webSocket.slot = count;
                count++;
            }
        }
        slots = packed;
        end = count;
    }
}
