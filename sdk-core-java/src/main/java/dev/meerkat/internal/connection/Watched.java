package dev.meerkat.internal.connection;

import dev.meerkat.Connection;
import dev.meerkat.internal.jfr.Flight;
import java.util.Optional;

/** Who can be looked at: a connection, or a UDP socket. */
interface Watched extends Flight.Subject {
    long id();

    RealEventManager owner();

    /** Whom the error hook is told of. */
    Optional<Connection> connection();
}
