package dev.meerkat;

/**
 * A payload was to be sent that no datagram can carry: more than 65,507 bytes over IPv4 or 65,527 over IPv6 (the 16-bit
 * length fields of RFC 768 and RFC 791 §3.1, RFC 8200 §3). Nothing was sent.
 */
public final class DatagramTooLongException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message the length, and what is possible
     */
    public DatagramTooLongException(String message) {
        super(message);
    }
}
