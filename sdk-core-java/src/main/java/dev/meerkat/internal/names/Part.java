package dev.meerkat.internal.names;

/** Which of a name's addresses an answer speaks of. */
public enum Part {
    /** Of all of them. */
    ALL,
    /** Of the IPv6 addresses. */
    IPV6,
    /** Of the IPv4 addresses. */
    IPV4
}
