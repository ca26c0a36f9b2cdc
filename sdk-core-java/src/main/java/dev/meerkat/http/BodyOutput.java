package dev.meerkat.http;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.ReceiveBuffer;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Where a body goes. The framing, a length or the chunked coding, is put around what is sent; for a peer of HTTP/1.0
 * the end of the connection ends the body. Loop thread, but for {@link #resume}.
 */
public interface BodyOutput {
    /**
     * The connection.
     *
     * @return for its water marks and addresses
     */
    Connection connection();

    /**
     * Sends bytes.
     *
     * @param bytes copied, or written before this returns
     * @return this
     * @throws IllegalStateException if the body has ended, or would become longer than was announced
     * @throws dev.meerkat.SendLimitException if more would wait than the connection's send limit
     */
    BodyOutput send(byte[] bytes);

    /**
     * Sends bytes.
     *
     * @param bytes from position to limit, which moves there; copied, or written before this returns
     * @return this
     */
    BodyOutput send(ByteBuffer bytes);

    /**
     * Sends immutable bytes, which may be shared with other connections.
     *
     * @param bytes not copied
     * @return this
     */
    BodyOutput send(Bytes bytes);

    /**
     * Sends text.
     *
     * @param text sent in UTF-8
     * @return this
     */
    BodyOutput send(CharSequence text);

    /**
     * Sends what was received elsewhere, without a copy in between.
     *
     * @param source all its bytes are taken
     * @return this
     */
    BodyOutput send(ReceiveBuffer source);

    /**
     * Sends a part of a file, which the system takes as it is if it can; see {@link Connection#send(FileRegion)}. By
     * default, where there is no connection below, the file is read.
     *
     * @param region what to send; closed when it has left, when the connection ends or when this throws
     * @return this
     */
    default BodyOutput send(FileRegion region) {
        try (region) {
            ByteBuffer piece = ByteBuffer.allocate(16 * 1024);
            for (long done = 0; done < region.count(); ) {
                int most = (int) Math.min(piece.capacity(), region.count() - done);
                int count = region.read(piece.clear().limit(most), done);
                if (count < 0) {
                    throw new UncheckedIOException(new EOFException(region + " has become shorter"));
                }
                send(piece.flip());
                done += count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /**
     * Whether the peer takes more: fewer bytes wait than the high-water mark.
     *
     * @return false if it is better to wait
     */
    boolean isWritable();

    /** Any thread. Has the producer asked again, after a call that sent nothing. */
    void resume();

    /**
     * Ends the body.
     *
     * @throws IllegalStateException if it has ended, or is shorter than was announced
     */
    void end();

    /**
     * Ends the body with fields behind it (RFC 9110 §6.5). They are sent only in the chunked coding.
     *
     * @param trailers the fields
     * @throws IllegalArgumentException if one of them is about framing, routing or authentication
     */
    void end(Headers trailers);

    /**
     * Gives up: what was sent cannot become whole, and the peer must not take it for whole, so the connection is
     * aborted.
     *
     * @param reason what to report
     */
    void abort(String reason);
}
