package dev.meerkat.internal.websocket;

import dev.meerkat.websocket.CompressionOptions;
import dev.meerkat.websocket.HandshakeRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * permessage-deflate in the opening handshake (RFC 7692 §5 and §7.1), both roles; pure.
 *
 * <p>Every window that a peer may ask for is honoured, though {@link java.util.zip.Deflater} knows only that of 15
 * bits: {@link MessageDeflater} forgets often enough. To ask for a smaller one of the peer is never done, since
 * {@link java.util.zip.Inflater} would not become smaller.
 */
public final class DeflateNegotiation {
    /** The name of the extension. */
    public static final String NAME = "permessage-deflate";

    private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";
    private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";
    private static final String SERVER_WINDOW = "server_max_window_bits";
    private static final String CLIENT_WINDOW = "client_max_window_bits";

    private DeflateNegotiation() {}

    /**
     * What a server agrees to.
     *
     * @param answer for the response
     * @param terms what holds from then on
     */
    public record Accepted(Extension answer, DeflateTerms terms) {}

    /**
     * Answers a client, as a server. The first offer that keeps the rules is accepted; others are passed over, as are
     * other extensions.
     *
     * @param offers all extensions of the request, in their order
     * @param options what the server wants
     * @param roomToKeep whether there is room for a context that is kept for the peer: {@link DeflatePool#mayKeep}
     * @return empty if nothing is offered that can be accepted, or the server wants no compression
     */
    public static Optional<Accepted> accept(List<Extension> offers, CompressionOptions options, boolean roomToKeep) {
        if (options.enabled()) {
            for (Extension offer : offers) {
                if (offer.name().equals(NAME)) {
                    try {
                        return Optional.of(accept(Wishes.read(offer, true), options, roomToKeep));
                    } catch (HandshakeException e) {
                        // RFC 7692 §7.1: such an offer is declined, and there may be another.
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Accepted accept(Wishes offer, CompressionOptions options, boolean roomToKeep) {
        boolean ownContext = options.keepOwnContext() && !offer.serverNoContext;
        boolean peerContext = options.keepPeerContext() && roomToKeep && !offer.clientNoContext;
        List<Extension.Parameter> answer = new ArrayList<>();
        if (!ownContext) {
            answer.add(new Extension.Parameter(SERVER_NO_CONTEXT, null));
        }
        if (!peerContext) {
            answer.add(new Extension.Parameter(CLIENT_NO_CONTEXT, null)); // may be said unasked (§7.1.1.2)
        }
        int window = DeflateTerms.MOST_WINDOW_BITS;
        if (offer.serverWindow != Wishes.ABSENT) {
            window = offer.serverWindow;
            answer.add(new Extension.Parameter(SERVER_WINDOW, Integer.toString(window)));
        }
        return new Accepted(new Extension(NAME, answer), new DeflateTerms(ownContext, window, peerContext));
    }

    /**
     * Makes a client's offer.
     *
     * @param options what the client wants, {@link CompressionOptions#enabled()}
     * @param roomToKeep whether there is room for a context that is kept for the peer: {@link DeflatePool#mayKeep}
     * @return for the request
     */
    public static Extension offer(CompressionOptions options, boolean roomToKeep) {
        List<Extension.Parameter> offer = new ArrayList<>();
        if (!options.keepPeerContext() || !roomToKeep) {
            offer.add(new Extension.Parameter(SERVER_NO_CONTEXT, null));
        }
        if (!options.keepOwnContext()) {
            offer.add(new Extension.Parameter(CLIENT_NO_CONTEXT, null));
        }
        offer.add(new Extension.Parameter(CLIENT_WINDOW, null));
        return new Extension(NAME, offer);
    }

    /**
     * Judges a server's answer to {@link #offer}, as a client. A server that does not say that it gives up its context,
     * as it was asked to, is taken to keep it.
     *
     * @param answer the extension of this name, of which the response has one
     * @param options those that the offer was made with
     * @return what holds from then on
     * @throws HandshakeException if it breaks a rule, by which the WebSocket has failed
     */
    public static DeflateTerms agree(Extension answer, CompressionOptions options) throws HandshakeException {
        Wishes wishes = Wishes.read(answer, false);
        return new DeflateTerms(
                options.keepOwnContext() && !wishes.clientNoContext,
                wishes.clientWindow == Wishes.ABSENT ? DeflateTerms.MOST_WINDOW_BITS : wishes.clientWindow,
                !wishes.serverNoContext);
    }

    /** The parameters of an offer or an answer. */
    private static final class Wishes {
        static final int ABSENT = 0;
        static final int WITHOUT_VALUE = -1;

        private boolean serverNoContext;
        private boolean clientNoContext;
        private int serverWindow = ABSENT;
        private int clientWindow = ABSENT;

        static Wishes read(Extension extension, boolean offer) throws HandshakeException {
            Wishes wishes = new Wishes();
            for (Extension.Parameter parameter : extension.parameters()) {
                if (!wishes.take(parameter, offer)) {
                    throw new HandshakeException(
                            HandshakeRule.WRONG_EXTENSION_PARAMETERS,
                            "unknown, repeated or malformed parameter " + HandshakeTexts.shown(parameter.name())
                                    + " of " + HandshakeTexts.shown(extension.toString()));
                }
            }
            return wishes;
        }

        private boolean take(Extension.Parameter parameter, boolean offer) {
            String value = parameter.value();
            boolean repeated;
            switch (parameter.name()) {
                case SERVER_NO_CONTEXT -> {
                    repeated = serverNoContext;
                    serverNoContext = true;
                    return !repeated && value == null;
                }
                case CLIENT_NO_CONTEXT -> {
                    repeated = clientNoContext;
                    clientNoContext = true;
                    return !repeated && value == null;
                }
                case SERVER_WINDOW -> {
                    repeated = serverWindow != ABSENT;
                    serverWindow = bits(value);
                    return !repeated && serverWindow > 0;
                }
                case CLIENT_WINDOW -> {
                    repeated = clientWindow != ABSENT;
                    clientWindow = offer && value == null ? WITHOUT_VALUE : bits(value);
                    return !repeated && clientWindow != ABSENT;
                }
                default -> {
                    return false;
                }
            }
        }

        /** Decimal, without leading zeros (RFC 7692 §7.1.2.1). */
        private static int bits(@Nullable String value) {
            return value != null && value.matches("[89]|1[0-5]") ? Integer.parseInt(value) : ABSENT;
        }
    }
}
