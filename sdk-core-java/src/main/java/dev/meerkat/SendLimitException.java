package dev.meerkat;

/**
 * More was to be sent than the send limit allows. Nothing of this call was accepted; what had been accepted before is
 * untouched. A sender that waits for {@code Drained} when {@link Connection#isWritable()} is false never sees this.
 */
public final class SendLimitException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message how much was to be sent, how much waits, and the limit
     */
    public SendLimitException(String message) {
        super(message);
    }
}
