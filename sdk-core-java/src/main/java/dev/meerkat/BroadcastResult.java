package dev.meerkat;

/**
 * How a broadcast went.
 *
 * @param delivered how many handlers received it
 * @param dropped how many slow receivers went without it
 * @param closed how many slow receivers were closed
 */
public record BroadcastResult(int delivered, int dropped, int closed) {}
