package dev.meerkat.internal.topic;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was heard last of each origin, to leave out what comes again. Pure; whoever has it sees to the thread.
 *
 * <p>Of so many origins as a bus has processes at a time, and of those that were restarted lately; who was silent for
 * longest is forgotten first.
 */
final class Origins {
    /** How many are remembered. */
    static final int MOST = 1_024;

    private final Map<String, Long> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST;
        }
    };

    /** Notes a message; false if it, or a later one, was heard before. */
    boolean isNew(String origin, long sequence) {
        Long before = last.get(origin);
        if (before != null && sequence <= before) {
            return false;
        }
        last.put(origin, sequence);
        return true;
    }
}
