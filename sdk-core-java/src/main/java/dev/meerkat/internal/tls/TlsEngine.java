package dev.meerkat.internal.tls;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.tls.TlsSession;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * TLS without a socket, a clock or a thread: ciphertext in, plaintext out, and back, around one {@link SSLEngine}. It
 * keeps no bytes: what it does not take stays in the buffer of the caller.
 *
 * <pre>
 *  HANDSHAKING --- both have finished ---&gt; OPEN --- either end says close_notify ---&gt; CLOSING --- the other, too ---&gt; CLOSED
 *       |                                   |                                           |
 *       +---------- failure ----------------+---------- failure ------------------------+---&gt; CLOSED
 * </pre>
 *
 * <p>Both calls go on until there is a reason to stop, and say which: see {@link Stop}. Records are whole or not
 * touched, and what is no TLS record, too long a one or a renegotiation is refused before the engine sees it.
 *
 * <p>Belongs to one thread, but for {@link #tasks()}, whose answer any thread may run while nothing else is called.
 */
public final class TlsEngine {
    /** Where it is in its life. */
    public enum State {
        /** It agrees with the peer; no plaintext flows. */
        HANDSHAKING,
        /** Plaintext flows both ways. */
        OPEN,
        /** One direction has ended with close_notify. */
        CLOSING,
        /** Both have, or it failed. */
        CLOSED
    }

    /** Why a call came back. */
    public enum Stop {
        /** There is not a whole record more to open, or nothing more to seal. */
        STARVED,
        /** The target has no room for the next record. */
        FULL,
        /** {@link TlsEngine#tasks()} must have run first. */
        TASK,
        /** {@link TlsEngine#seal} must be called first: there is something to say. */
        SEAL,
        /** The handshake is done with this call. */
        SECURED,
        /** This direction has ended with close_notify. */
        ENDED
    }

    private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

    private final SSLEngine engine;
    private HandshakeStatus status = HandshakeStatus.NOT_HANDSHAKING;
    private boolean secured;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean refusesHandshakes;
    private boolean heardTls;
    /** A record was opened; before that one, whatever is wrong with it is that it came first. */
    private boolean hasBegun;

    /**
     * Takes an engine.
     *
     * @param engine set up, its handshake not begun
     */
    public TlsEngine(SSLEngine engine) {
        this.engine = engine;
    }

    /**
     * Begins the handshake.
     *
     * @throws TlsFailure if the engine cannot
     */
    public void begin() throws TlsFailure {
        try {
            engine.beginHandshake();
        } catch (SSLException | RuntimeException e) {
            throw failed(e);
        }
        status = engine.getHandshakeStatus();
    }

    /**
     * Where it is in its life.
     *
     * @return the state
     */
    public State state() {
        if (inputEnded && outputEnded) {
            return State.CLOSED;
        }
        if (inputEnded || outputEnded) {
            return State.CLOSING;
        }
        return secured ? State.OPEN : State.HANDSHAKING;
    }

    /**
     * Tells whether something is to be sealed although there is no plaintext: a part of the handshake, an answer to a
     * key update, a ticket, an alert.
     *
     * @return whether to call {@link #seal}
     */
    public boolean wantsToSeal() {
        return status == HandshakeStatus.NEED_WRAP && !outputEnded;
    }

    /**
     * Tells whether {@link #tasks()} are to be run before anything else.
     *
     * @return whether there are any
     */
    public boolean hasTasks() {
        return status == HandshakeStatus.NEED_TASK;
    }

    /**
     * Takes what is to be computed before it goes on: signatures, key exchange, the path of certificates.
     *
     * @return what to run, once, on any thread; then {@link #tasksDone()}
     */
    public Runnable tasks() {
        return () -> {
            for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
                task.run();
            }
        };
    }

    /** Tells that the tasks have run. */
    public void tasksDone() {
        status = engine.getHandshakeStatus();
    }

    /**
     * Opens records.
     *
     * @param ciphertext its position moves past the records that were opened
     * @param plaintext takes their content from its position on
     * @return why it stopped
     * @throws TlsFailure if this is not TLS, or not what the rules, the certificates or the options allow; what was
     *     opened before is in the target. The engine may then have an alert to say
     */
    public Stop open(ByteBuffer ciphertext, ByteBuffer plaintext) throws TlsFailure {
        while (true) {
            if (inputEnded) {
                return Stop.ENDED;
            }
            if (status == HandshakeStatus.NEED_TASK) {
                return Stop.TASK;
            }
            if (wantsToSeal()) {
                return Stop.SEAL;
            }
            int length = recordLength(ciphertext);
            if (length < 0 || ciphertext.remaining() < length) {
                return Stop.STARVED;
            }
            if (!secured && TlsAlert.endsInClear(ciphertext, length)) {
                inputEnded = true;
                throw TlsFailure.of(
                        Kind.TLS_ALERT, "the peer broke off with the TLS alert " + TlsAlert.name(ciphertext));
            }
            boolean before = secured;
            if (!openOne(ciphertext, length, plaintext)) {
                return Stop.FULL;
            }
            if (secured && !before) {
                return Stop.SECURED;
            }
        }
    }

    private int recordLength(ByteBuffer ciphertext) throws TlsFailure {
        int length;
        try {
            length = TlsRecord.length(ciphertext);
        } catch (TlsFailure e) {
            inputEnded = true;
            boolean plainInTheMiddle = heardTls && e.error().kind() == Kind.NOT_TLS;
            throw plainInTheMiddle
                    ? TlsFailure.of(Kind.TLS_VIOLATION, "the peer broke a rule of TLS: what came is no TLS record")
                    : e;
        }
        if (length >= 0) {
            heardTls = true;
            if (refusesHandshakes && TlsRecord.type(ciphertext) == TlsRecord.HANDSHAKE) {
                inputEnded = true;
                throw TlsFailure.of(
                        Kind.TLS_VIOLATION, "the peer asked for a new handshake (renegotiation), which is refused");
            }
        }
        return length;
    }

    /** Answers false if the target has no room. */
    private boolean openOne(ByteBuffer ciphertext, int length, ByteBuffer plaintext) throws TlsFailure {
        int limit = ciphertext.limit();
        int type = TlsRecord.type(ciphertext);
        SSLEngineResult result;
        try {
            ciphertext.limit(ciphertext.position() + length);
            result = engine.unwrap(ciphertext, plaintext);
        } catch (SSLException | RuntimeException e) {
            throw hasBegun || !TlsRecord.isOutOfPlaceAtFirst(type) ? failed(e) : begunWrongly(type, e);
        } finally {
            ciphertext.limit(limit);
        }
        hasBegun = true;
        if (!secured && result.getStatus() == SSLEngineResult.Status.CLOSED) {
            endAfterFailure(); // the engine takes it for the end of its handshake; but nobody has proved who he is
            throw TlsFailure.of(Kind.TLS_ALERT, "the peer ended TLS during the handshake, by close_notify");
        }
        update(result);
        switch (result.getStatus()) {
            case BUFFER_OVERFLOW -> {
                return false;
            }
            case BUFFER_UNDERFLOW -> throw failed(new SSLException("a record of the wrong length"));
            case CLOSED -> inputEnded = true;
            case OK -> {
                // on with the next one
            }
        }
        return true;
    }

    /**
     * Seals what there is to say without plaintext.
     *
     * @param ciphertext takes the records from its position on
     * @return why it stopped
     * @throws TlsFailure if the engine fails
     */
    public Stop seal(ByteBuffer ciphertext) throws TlsFailure {
        return seal(NOTHING, 0, 1, ciphertext);
    }

    /**
     * Seals plaintext, as few records as possible, and whatever else there is to say.
     *
     * @param plaintext the buffers; their positions move past what was sealed. Nothing is taken before the handshake is
     *     done
     * @param offset the first buffer
     * @param length how many
     * @param ciphertext takes the records from its position on
     * @return why it stopped
     * @throws TlsFailure if the engine fails
     */
    public Stop seal(ByteBuffer[] plaintext, int offset, int length, ByteBuffer ciphertext) throws TlsFailure {
        int least = engine.getSession().getPacketBufferSize();
        while (true) {
            if (outputEnded) {
                return Stop.ENDED;
            }
            if (status == HandshakeStatus.NEED_TASK) {
                return Stop.TASK;
            }
            if (!wantsToSeal() && (!secured || !hasRemaining(plaintext, offset, length))) {
                return Stop.STARVED;
            }
            if (ciphertext.remaining() < least) {
                return Stop.FULL;
            }
            boolean before = secured;
            SSLEngineResult result;
            try {
                result = engine.wrap(plaintext, offset, length, ciphertext);
            } catch (SSLException | RuntimeException e) {
                throw failed(e);
            }
            update(result);
            switch (result.getStatus()) {
                case BUFFER_OVERFLOW -> {
                    return Stop.FULL;
                }
                case CLOSED -> outputEnded = true;
                case OK, BUFFER_UNDERFLOW -> {
                    // on with the next one
                }
            }
            if (secured && !before) {
                return Stop.SECURED;
            }
        }
    }

    private static boolean hasRemaining(ByteBuffer[] buffers, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (buffers[i].hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    private void update(SSLEngineResult result) {
        HandshakeStatus next = result.getHandshakeStatus();
        status = next == HandshakeStatus.FINISHED ? engine.getHandshakeStatus() : next;
        boolean agreed = next == HandshakeStatus.FINISHED || status == HandshakeStatus.NOT_HANDSHAKING;
        if (!secured && agreed && !engine.isOutboundDone() && !engine.isInboundDone()) {
            secured = true;
            // all messages of a handshake are behind us; TLS 1.3 has no renegotiation, and no visible types either
            refusesHandshakes = engine.getSession().getProtocol().equals("TLSv1.2");
        }
    }

    /**
     * Takes note that one of the tasks threw.
     *
     * @param thrown what it threw
     * @return what that is for programs
     */
    public TlsFailure broken(Throwable thrown) {
        return failed(thrown);
    }

    private TlsFailure failed(Throwable thrown) {
        boolean handshaking = !secured;
        endAfterFailure();
        return TlsErrors.failure(thrown, handshaking);
    }

    /** The engine has seen it all the same, and so has the right alert to say. */
    private TlsFailure begunWrongly(int type, Exception thrown) {
        endAfterFailure();
        return new TlsFailure(ConnectionError.of(
                Kind.TLS_VIOLATION,
                "the peer broke a rule of TLS: it began with a record of " + TlsRecord.name(type)
                        + ", before any handshake",
                thrown));
    }

    private void endAfterFailure() {
        inputEnded = true;
        status = engine.getHandshakeStatus();
    }

    /** Ends our direction: the next {@link #seal} writes close_notify and nothing after it. The peer may still send. */
    public void closeOutput() {
        if (!outputEnded) {
            engine.closeOutbound();
            status = engine.getHandshakeStatus();
        }
    }

    /**
     * After a failure: writes the alert that tells the peer why, if there is one.
     *
     * @param ciphertext takes it from its position on
     */
    public void sealAlert(ByteBuffer ciphertext) {
        try {
            engine.closeOutbound();
            while (!engine.isOutboundDone()) {
                if (engine.wrap(NOTHING, 0, 1, ciphertext).bytesProduced() == 0) {
                    break;
                }
            }
        } catch (SSLException | RuntimeException nothingToSay) {
            // the failure that is known already is the one that counts
        }
        outputEnded = true;
    }

    /**
     * Takes note that the transport has no more ciphertext.
     *
     * @throws TlsFailure if the peer has not said close_notify: somebody may have cut the stream off
     */
    public void transportEnded() throws TlsFailure {
        if (!inputEnded) {
            inputEnded = true;
            throw TlsFailure.of(
                    Kind.TLS_TRUNCATED,
                    secured
                            ? "the input ended without the TLS close_notify: its end may be missing"
                            : "the peer ended the connection during the TLS handshake");
        }
    }

    /**
     * What the handshake agreed on.
     *
     * @return a value made for the caller
     */
    public TlsSession describe() {
        return TlsSessions.of(engine);
    }
}
