package dev.meerkat.testkit.internal;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who is bound where on one host, for one protocol. */
final class PortTable<H extends SimHandle> {
    /** Ephemeral ports, as RFC 6335 §6 has them. */
    private static final int FIRST_EPHEMERAL = 49_152;

    private static final int LAST_EPHEMERAL = 65_535;

    private final BitSet taken = new BitSet();
    private final Map<Integer, List<H>> bound = new HashMap<>();
    private int nextEphemeral = FIRST_EPHEMERAL;
    private final Oracle.Stream choices;

    /**
     * Makes an empty table.
     *
     * @param choices decides which of those that share a port is next, when ways other than the ordinary one are taken
     */
    PortTable(Oracle.Stream choices) {
        this.choices = choices;
    }

    /** Finds a port for nobody in particular and takes it. */
    int takeEphemeral() throws BindException {
        for (int tried = FIRST_EPHEMERAL; tried <= LAST_EPHEMERAL; tried++) {
            int port = nextEphemeral;
            nextEphemeral = port == LAST_EPHEMERAL ? FIRST_EPHEMERAL : port + 1;
            if (!taken.get(port - FIRST_EPHEMERAL) && !bound.containsKey(port)) {
                taken.set(port - FIRST_EPHEMERAL);
                return port;
            }
        }
        throw new BindException("Cannot assign requested address");
    }

    void release(int port) {
        if (port >= FIRST_EPHEMERAL) {
            taken.clear(port - FIRST_EPHEMERAL);
        }
    }

    /** Fails if an address is in use. */
    void check(InetSocketAddress local, boolean shares) throws BindException {
        int port = local.getPort();
        List<H> others = bound.get(port);
        boolean inUse = port >= FIRST_EPHEMERAL && taken.get(port - FIRST_EPHEMERAL) && others == null;
        if (others != null && !shares) {
            for (H other : others) {
                inUse |= overlap(other.boundAddress().getAddress(), local.getAddress());
            }
        }
        if (inUse) {
            throw new BindException("Address already in use");
        }
    }

    private static boolean overlap(InetAddress a, InetAddress b) {
        return a.isAnyLocalAddress() || b.isAnyLocalAddress() || a.equals(b);
    }

    void bind(H handle) {
        bound.computeIfAbsent(handle.boundAddress().getPort(), port -> new ArrayList<>(1))
                .add(handle);
    }

    void unbind(H handle) {
        int port = handle.boundAddress().getPort();
        List<H> handles = bound.get(port);
        if (handles != null && handles.remove(handle) && handles.isEmpty()) {
            bound.remove(port);
        }
        release(port);
    }

    /** Everybody who is bound to a port. */
    List<H> all(int port) {
        List<H> handles = bound.get(port);
        return handles == null ? List.of() : List.copyOf(handles);
    }

    /** Who receives what is addressed so. Those that share a port take turns. */
    @Nullable
    H find(InetSocketAddress target) {
        List<H> handles = bound.get(target.getPort());
        if (handles == null) {
            return null;
        }
        Collections.rotate(handles, -choices.choose(handles.size())); // exploring, whoever it may be
        for (int i = 0; i < handles.size(); i++) {
            H handle = handles.get(i);
            if (overlap(handle.boundAddress().getAddress(), target.getAddress())) {
                if (handles.size() > 1) {
                    handles.add(handles.remove(i));
                }
                return handle;
            }
        }
        return null;
    }
}
