package dev.meerkat.http.filter;

import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.internal.http.DecodedRequest;
import java.util.List;

/**
 * Decompresses bodies of requests: {@code gzip} and {@code deflate}, one coding at a time (RFC 9110 §8.4.1). Handlers
 * behind it see a request that was not compressed, as a stream or gathered.
 *
 * <pre>{@code
 * router.filter(Decompression.create());
 * }</pre>
 *
 * <p>A body that grows beyond its limits is answered with 413 as soon as it does, a malformed one with 400, another
 * coding with 415 and {@code Accept-Encoding}. To who streams, these are failures of the body.
 */
public final class Decompression implements HttpFilter {
    /** What text can reach; a bomb of deflate has 1,000. */
    private static final int RATIO = 100;

    private final int ratio;
    private final long limit;

    private Decompression(int ratio, long limit) {
        this.ratio = ratio;
        this.limit = limit;
    }

    /**
     * Decompresses up to 100 times what has arrived, beyond the first MiB, and up to as much as a server collects of a
     * body by default, {@link HttpLimits#bufferedBodyBytes()}.
     *
     * @return a filter
     */
    public static Decompression create() {
        return new Decompression(RATIO, HttpLimits.DEFAULT.bufferedBodyBytes());
    }

    /**
     * The same with another length of what comes out.
     *
     * @param bytes from 0
     * @return a filter
     * @throws IllegalArgumentException if it is negative
     */
    public Decompression limit(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("expected a limit from 0, found " + bytes);
        }
        return new Decompression(ratio, bytes);
    }

    /**
     * The same with another ratio.
     *
     * @param times how many times as long as what has arrived; from 1; it counts beyond the first MiB
     * @return a filter
     * @throws IllegalArgumentException if it is below
     */
    public Decompression ratio(int times) {
        if (times < 1) {
            throw new IllegalArgumentException("expected a ratio from 1, found " + times);
        }
        return new Decompression(times, limit);
    }

    @Override
    public Response filter(Request request, HttpHandler next) throws Exception {
        List<String> codings = request.head().headers().elements("Content-Encoding");
        boolean plain =
                codings.isEmpty() || (codings.size() == 1 && codings.get(0).equalsIgnoreCase("identity"));
        if (plain || request.body().isEmpty()) {
            return next.onHead(request);
        }
        Request decoded = DecodedRequest.of(request, ratio, limit);
        return decoded == null
                ? Response.error(415, "This content coding is not known here.")
                        .withHeader("Accept-Encoding", "gzip, deflate")
                : next.onHead(decoded);
    }
}
