package dev.meerkat.internal.nio;

import dev.meerkat.runtime.Resolver;
import dev.meerkat.runtime.Workers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * Looks names up as the JDK does, hence by the system's rules (hosts file, search domains), away from the loop. The
 * order of the addresses is the JDK's. May be called from any thread.
 *
 * <p>A look-up blocks its worker, for many seconds if the name server is dead. So look-ups of names, and of addresses,
 * each have their share of the workers: peers whose addresses belong to a dead name server must not keep a program from
 * finding the hosts that it needs.
 */
final class JdkResolver implements Resolver {
    /** How many look-ups of names run at once: half of the fewest workers there are. */
    static final int MAX_RUNNING = 4;

    /** How many look-ups of addresses run at once: half of what is left. */
    static final int MAX_REVERSE_RUNNING = 2;

    /** How many look-ups of either kind may wait for their turn. */
    static final int MAX_WAITING = QuestionQueue.MAX_WAITING;

    /**
     * The JDK does not tell how long an answer holds, but it keeps answers itself, for 30 s unless it was configured
     * otherwise. Who asks sooner hears the same again; who keeps an answer longer hears of a change later than need be.
     */
    static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);

    /** Asks for the addresses of a name: {@link InetAddress#getAllByName}, but for tests. */
    @FunctionalInterface
    interface LookUp {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    /** Asks for the name of an address: {@link InetAddress#getCanonicalHostName}, but for tests. */
    @FunctionalInterface
    interface ReverseLookUp {
        String name(InetAddress address);
    }

    /** An object, since every start makes a resolver and no lambda, decision 0067. */
    private enum TheJdk implements LookUp, ReverseLookUp {
        INSTANCE;

        @Override
        public InetAddress[] addresses(String name) throws UnknownHostException {
            return InetAddress.getAllByName(name);
        }

        @Override
        public String name(InetAddress address) {
            return address.getCanonicalHostName();
        }
    }

    private final LookUp lookUp;
    private final ReverseLookUp reverseLookUp;
    private final QuestionQueue names;
    private final QuestionQueue addresses;

    JdkResolver(Workers workers) {
        this(workers, TheJdk.INSTANCE, TheJdk.INSTANCE);
    }

    JdkResolver(Workers workers, LookUp lookUp, ReverseLookUp reverseLookUp) {
        this.lookUp = lookUp;
        this.reverseLookUp = reverseLookUp;
        this.names = new QuestionQueue(workers, MAX_RUNNING);
        this.addresses = new QuestionQueue(workers, MAX_REVERSE_RUNNING);
    }

    @Override
    public CompletableFuture<Answer> resolve(String name) {
        return names.ask(() -> new Answer(List.of(addressesOf(name)), TIME_TO_LIVE));
    }

    @Override
    public Lookup lookUp(String name) {
        return new Lookup.Together(Question.cancellable(resolve(name)));
    }

    @Override
    public Question<HostName> reverse(InetAddress address) {
        return Question.cancellable(addresses.ask(() -> hostName(nameless(address))));
    }

    @Override
    public Question<HostName> canonicalHostName() {
        return Question.cancellable(addresses.ask(() -> hostName(InetAddress.getLocalHost())));
    }

    /**
     * The JDK has one exception for two things; the system's sentence tells them apart, where it speaks English. In
     * another language a name server that fails looks like a name that does not exist.
     */
    private InetAddress[] addressesOf(String name) throws IOException {
        try {
            return lookUp.addresses(name);
        } catch (UnknownHostException failure) {
            String message = failure.getMessage();
            if (message != null && message.toLowerCase(Locale.ROOT).contains("temporary failure")) {
                throw new IOException(message, failure);
            }
            throw failure;
        }
    }

    /** An address that was looked up by name remembers that name, and would answer it. */
    private static InetAddress nameless(InetAddress address) throws UnknownHostException {
        return InetAddress.getByAddress(address.getAddress());
    }

    /** The JDK answers the address itself if it finds no name, or one that does not lead back to the address. */
    private HostName hostName(InetAddress address) throws UnknownHostException {
        String found = reverseLookUp.name(address);
        if (found.equals(address.getHostAddress())) {
            throw new UnknownHostException(found + ": no name");
        }
        return new HostName(found, TIME_TO_LIVE);
    }
}
