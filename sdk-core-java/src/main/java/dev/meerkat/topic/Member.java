package dev.meerkat.topic;

import java.util.Objects;

/**
 * Somebody who is here: a subscription that has given a name.
 *
 * @param id of the subscription; two subscriptions with the same name are two members
 * @param name as {@link SubscriptionOptions#member} says, at most {@value #MOST_CHARACTERS} characters
 */
public record Member(long id, String name) {
    /** The longest name, in UTF-16 units: a name and a device fit, a document does not. */
    public static final int MOST_CHARACTERS = 256;

    // Checks the name; a bad one is an IllegalArgumentException.
    public Member {
        if (Objects.requireNonNull(name, "name").length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException(
                    "a member's name has at most " + MOST_CHARACTERS + " characters, found " + name.length());
        }
    }
}
