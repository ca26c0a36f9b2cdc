package dev.meerkat;

/** An access list does not follow the grammar of {@link IpAcl}. */
public final class MalformedAclException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message which entry, at which place, what was expected there and what was found
     */
    public MalformedAclException(String message) {
        super(message);
    }
}
