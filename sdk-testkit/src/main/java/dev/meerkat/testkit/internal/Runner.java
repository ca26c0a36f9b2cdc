package dev.meerkat.testkit.internal;

/** Something that has turns while there is work for it at the present instant: the driver of an event manager. */
public abstract class Runner {
    /** Whether it waits for a turn. */
    boolean ready;
    /** Whether it waits for {@link #refresh}. */
    boolean changed;
    /** As {@link SimTask#depth}. */
    int depth;

    /** Runs one turn. */
    protected abstract void turn();

    /** Finds out whether there is work now or a deadline later, and tells the scheduler. */
    protected abstract void refresh();
}
