package dev.meerkat.event;

/** Something that happened to a connection. Each protocol has a sealed family of its own. */
public sealed interface Event permits TcpEvent, ProtocolEvent {}
