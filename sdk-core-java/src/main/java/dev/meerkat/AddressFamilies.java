package dev.meerkat;

/**
 * Which addresses of a name a connect tries, and which family of them first. Addresses of the two families alternate
 * from there on (RFC 8305, section 4).
 */
public enum AddressFamilies {
    /** An IPv6 address first, if there is one. */
    IPV6_FIRST,
    /** An IPv4 address first, if there is one. */
    IPV4_FIRST,
    /** First whatever the resolver named first; it is not waited for a second answer then. */
    AS_ANSWERED,
    /** IPv6 addresses and no others. */
    IPV6_ONLY,
    /** IPv4 addresses and no others. */
    IPV4_ONLY
}
