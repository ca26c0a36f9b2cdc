package dev.meerkat.internal.httpclient;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.client.ClientProxy.Credentials;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of SOCKS 5 (RFC 1928, RFC 1929): bytes in, bytes out, no connection. Takes no byte behind the last
 * reply.
 *
 * <pre>
 * METHOD ──► AUTHENTICATION ──► REPLY ──► DONE
 *    └──────────────────────────► ▲
 * </pre>
 */
final class Socks5 {
    private static final int VERSION = 5;
    private static final int NO_AUTHENTICATION = 0;
    private static final int PASSWORD = 2;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;

    /** The texts of the replies 1 to 8 (RFC 1928 §6). */
    private static final String[] REPLIES = {
        "general failure",
        "not allowed by its rules",
        "network unreachable",
        "host unreachable",
        "connection refused",
        "TTL expired",
        "command not supported",
        "address type not supported"
    };

    /** What the proxy said no to. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    private enum State {
        METHOD,
        AUTHENTICATION,
        REPLY,
        DONE
    }

    private final String host;
    private final Optional<InetAddress> literal;
    private final int port;
    private final @Nullable Credentials credentials;
    private State state = State.METHOD;

    /**
     * Starts.
     *
     * @param host where to: a name of at most 253 characters, or an address
     * @param literal the address, if it is one
     * @param port where to
     * @param credentials who we are, or null
     */
    Socks5(String host, Optional<InetAddress> literal, int port, @Nullable Credentials credentials) {
        this.host = host;
        this.literal = literal;
        this.port = port;
        this.credentials = credentials;
    }

    /** What is to be sent first. */
    Bytes greeting() {
        return credentials == null
                ? bytes(VERSION, 1, NO_AUTHENTICATION)
                : bytes(VERSION, 2, NO_AUTHENTICATION, PASSWORD);
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /**
     * Takes what the proxy has said, as far as it is complete.
     *
     * @param received what has arrived
     * @return what is to be sent now; empty if nothing is
     * @throws Refused if it said no, or does not speak SOCKS
     */
    Bytes received(ReceiveBuffer received) throws Refused {
        return switch (state) {
            case METHOD -> received.size() < 2 ? Bytes.EMPTY : method(received.takeArray(2));
            case AUTHENTICATION -> received.size() < 2 ? Bytes.EMPTY : authenticated(received.takeArray(2));
            case REPLY -> {
                reply(received);
                yield Bytes.EMPTY;
            }
            case DONE -> Bytes.EMPTY;
        };
    }

    private Bytes method(byte[] answer) throws Refused {
        requireVersion(answer[0], VERSION);
        if (answer[1] == NO_AUTHENTICATION) {
            return request();
        }
        Credentials known = credentials;
        if (answer[1] != PASSWORD || known == null) {
            throw new Refused(
                    known == null ? "it asks who we are, and no credentials were given" : "it takes no password");
        }
        state = State.AUTHENTICATION;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(1);
        string(out, known.user());
        string(out, known.password());
        return Bytes.copyOf(out.toByteArray());
    }

    private Bytes authenticated(byte[] answer) throws Refused {
        requireVersion(answer[0], 1);
        if (answer[1] != 0) {
            throw new Refused("it does not take these credentials");
        }
        return request();
    }

    private static void requireVersion(byte found, int expected) throws Refused {
        if (found != expected) {
            throw new Refused("it does not speak SOCKS 5: expected version " + expected + ", found " + (found & 255));
        }
    }

    private Bytes request() {
        state = State.REPLY;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {VERSION, 1, 0});
        if (literal.isPresent()) {
            byte[] address = literal.get().getAddress();
            out.write(address.length == 4 ? IPV4 : IPV6);
            out.writeBytes(address);
        } else {
            out.write(NAME);
            string(out, host);
        }
        out.write(port >> 8);
        out.write(port);
        return Bytes.copyOf(out.toByteArray());
    }

    private void reply(ReceiveBuffer received) throws Refused {
        if (received.size() < 2) {
            return;
        }
        requireVersion(received.get(0), VERSION);
        int answer = received.get(1) & 255;
        if (answer != 0) {
            throw new Refused(answer <= REPLIES.length ? REPLIES[answer - 1] : "reply " + answer);
        }
        if (received.size() < 5) {
            return;
        }
        int length = switch (received.get(3)) {
            case IPV4 -> 4 + 4 + 2;
            case IPV6 -> 4 + 16 + 2;
            case NAME -> 4 + 1 + (received.get(4) & 255) + 2;
            default -> throw new Refused("it answers with an address of type " + (received.get(3) & 255));
        };
        if (received.size() >= length) {
            received.discard(length);
            state = State.DONE;
        }
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    private static Bytes bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Bytes.copyOf(bytes);
    }
}
