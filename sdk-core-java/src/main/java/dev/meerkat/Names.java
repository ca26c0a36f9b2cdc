package dev.meerkat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What an {@link EventManager} knows of names: the look-ups of its connects, and those of the program, with one memory.
 * {@link EventManager#names()} hands it out; not for implementing.
 *
 * <pre>{@code
 * manager.names().addresses("time.example").thenAccept(found -> ask(found.get(0)));
 * manager.names().hostName(peer).thenAccept(name -> log(name.orElse("somebody")));
 * }</pre>
 *
 * <p>Every method may be called from any thread. Every future is completed on the manager's loop thread; a callback
 * that is attached to one already complete runs where it is attached. Cancelling a future gives up on it; others who
 * wait for the same name are not concerned. Nothing here blocks.
 *
 * <p>Answers are kept for as long as they hold, on the manager's own clock, up to the bounds of
 * {@link ResolverOptions}. One question to the {@link dev.meerkat.runtime.Resolver} serves all who wait for the same
 * name.
 */
public interface Names {
    /**
     * May be called from any thread. Looks up the addresses of a name, of both families, in the order in which a
     * connect would try them. An address literal is its own answer and {@code localhost}, with any name below it, is
     * the loopback (RFC 6761, section 6.3); neither is asked for.
     *
     * @param host a name or an address literal, without brackets
     * @return at least one address; or a {@link LookupException} that says which of the ways it failed
     * @throws MalformedAddressException if that is no host
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full
     * @throws ManagerClosedException if the manager is closed
     */
    CompletableFuture<List<InetAddress>> addresses(String host);

    /**
     * May be called from any thread. Looks up the addresses of a name anew, whatever was kept. Whoever asks meanwhile
     * waits for the same answer.
     *
     * @param host as for {@link #addresses}
     * @return as for {@link #addresses}
     * @throws MalformedAddressException if that is no host
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full
     * @throws ManagerClosedException if the manager is closed
     */
    CompletableFuture<List<InetAddress>> refresh(String host);

    /**
     * May be called from any thread. Looks up the name of an address. The answer is whatever the owner of the address
     * had put into the DNS: for a log, not for a decision about access.
     *
     * @param address an IPv4 or IPv6 address
     * @return its name; empty if it has none or that could not be found out in time
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full
     * @throws ManagerClosedException if the manager is closed
     */
    CompletableFuture<Optional<String>> hostName(InetAddress address);

    /**
     * May be called from any thread. Looks up the canonical name of this host, with its domain where that is known. It
     * is asked for once; a failure is not kept.
     *
     * @return the name; empty if it could not be found out
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full
     * @throws ManagerClosedException if the manager is closed
     */
    CompletableFuture<Optional<String>> canonicalHostName();

    /**
     * May be called from any thread. Forgets every answer, for instance because the network has changed. Look-ups that
     * are under way go on, and what they bring is kept.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the mailbox is full
     * @throws ManagerClosedException if the manager is closed
     */
    void clear();
}
