package dev.meerkat.internal.protocol;

/**
 * Marks a protocol that is a handler as well: where it stands alone between a connection and a plain handler it becomes
 * the connection's handler itself, and no object between the two is held for every idle connection. It hears of the
 * first event as a protocol, which tells it who is above, and of all later ones as a handler. So it is up to itself to
 * release what it holds behind {@code Closed} and when it is replaced, and to tell who is above that it was.
 */
public interface OwnStage {}
