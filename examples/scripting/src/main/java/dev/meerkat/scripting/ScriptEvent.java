package dev.meerkat.scripting;

import dev.meerkat.event.Event;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/**
 * An event that has no function of its own in a handler object, as a script sees it: what {@code event(c, e)} is given.
 * Events of further protocols come this way.
 */
public final class ScriptEvent {
    private final Event event;

    ScriptEvent(Event event) {
        this.event = event;
    }

    /**
     * What happened.
     *
     * @return the simple name of the event's type, {@code Drained} for instance
     */
    public String name() {
        return event.getClass().getSimpleName();
    }

    /**
     * A part of the event, as text.
     *
     * @param part the name of one of its components, {@code count} of {@code Sent} for instance
     * @return the part's text, or null if the event has no such part
     */
    public @Nullable String get(String part) {
        for (RecordComponent component : event.getClass().getRecordComponents()) {
            if (component.getName().equals(part)) {
                try {
                    return String.valueOf(component.getAccessor().invoke(event));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("cannot read " + part + " of " + name(), e);
                }
            }
        }
        return null;
    }
}
