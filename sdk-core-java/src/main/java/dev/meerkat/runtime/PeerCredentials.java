package dev.meerkat.runtime;

import java.util.Objects;

/**
 * Who is at the other end of a Unix domain socket, as the operating system knows it: the peer cannot lie about it. It
 * was noted when the connection was made, and holds for who made it then.
 *
 * @param user the name of the effective user, or its number if it has no name
 * @param group the name of the effective group, or its number if it has no name
 */
public record PeerCredentials(String user, String group) {
    // Both are always known.
    public PeerCredentials {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(group, "group");
    }
}
