package dev.meerkat.testkit.internal;

import org.jspecify.annotations.Nullable;

/**
 * Something that a trace speaks of, by a number and a name that are the same in every run: {@code srv/conn-3}. Never an
 * identity hash, never a thread.
 */
public class Entity {
    private final int id;
    private final String owner;
    private final String label;
    private final long number;
    private @Nullable String name;

    /**
     * Makes an entity.
     *
     * @param id its number in the hash
     * @param owner the host it belongs to; empty if it is one
     * @param label what it is
     * @param number the how manieth of its kind; 0 if there is only one
     */
    public Entity(int id, String owner, String label, long number) {
        this.id = id;
        this.owner = owner;
        this.label = label;
        this.number = number;
    }

    /**
     * The number.
     *
     * @return the number in the hash
     */
    public final int id() {
        return id;
    }

    /**
     * The stable name.
     *
     * @return the name, made when it is first asked for
     */
    public final String name() {
        String known = name;
        if (known == null) {
            known = (owner.isEmpty() ? "" : owner + "/") + label + (number == 0 ? "" : "-" + number);
            name = known;
        }
        return known;
    }

    @Override
    public String toString() {
        return name();
    }
}
