package dev.meerkat.tls;

/**
 * Where a handshake does what takes long: agreeing on keys, signing, checking certificates and signatures. JSSE calls
 * these delegated tasks. What a connection encrypts and decrypts afterwards is always done on its loop.
 *
 * <p>With an ECDSA key a full handshake computes for half a millisecond to one, with an RSA key of 2048 bits for one to
 * two, with one of 4096 bits for five to ten; with a session to resume for a quarter of a millisecond.
 */
public enum HandshakeTasks {
    /**
     * On the workers; but what a server has to compute, on the loop, where handing it over would only cost: in a
     * process of one processor, which has nobody else to compute. The default.
     *
     * <p>On the loop is computed one handshake a turn: between any two, whoever is ready is served. So others wait for
     * half a millisecond with an ECDSA key, one to two with an RSA key of 2048 bits. When one took longer than 5 ms,
     * the workers are asked for the next second, so that a peer who wants the dearest of key exchanges (30 ms) holds
     * the loop no more often.
     *
     * <p>Whatever could wait for something is always left to the workers: an {@link javax.net.ssl.SSLContext} of the
     * program's own, a key that is in a device, certificates of clients, and every handshake as a client.
     */
    AUTOMATIC,
    /**
     * On the workers of the manager, always, so that the loop serves everybody else in the meantime, and several
     * handshakes are computed at once if there are processors for it. The way there and back costs some switches of
     * threads and system calls, about a tenth of a full handshake. If all workers are busy and their queue is full, the
     * loop does it.
     */
    ON_WORKERS,
    /**
     * On the loop thread, always, within the turn that finds the peer's message. No thread is switched, so this is the
     * least that a handshake can cost: for managers that do nothing but serve TLS, one for each processor.
     *
     * <p>The price: as long as one handshake computes, nobody else of the same manager is served, no timer fires and no
     * posted task runs; and when n peers come at once, the turn computes for all n. A key manager or a trust manager of
     * the program's own that waits for something then stops the whole loop.
     */
    ON_LOOP
}
