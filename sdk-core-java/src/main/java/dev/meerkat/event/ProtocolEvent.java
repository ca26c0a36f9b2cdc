package dev.meerkat.event;

/**
 * An event of a protocol that a program brings itself; see {@code dev.meerkat.Protocol}. Let each protocol have a
 * sealed family of records that extend this interface.
 */
public non-sealed interface ProtocolEvent extends Event {}
