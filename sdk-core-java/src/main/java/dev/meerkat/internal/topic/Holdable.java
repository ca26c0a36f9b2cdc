package dev.meerkat.internal.topic;

/** What can wait. */
interface Holdable {
    /** How much it counts. */
    int bytes();

    /** What newer ones of the same key replace; itself if there are none. */
    Object conflationKey();
}
