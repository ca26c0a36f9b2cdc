package dev.meerkat.http;

import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an HTTP server behaves. Immutable.
 *
 * @param limits how much a peer may send
 * @param timeouts how slow it may be
 * @param answerTimeout how long a handler may take from the end of the request to its answer, which is 503 then; 60 s
 *     by default, the usual patience of proxies in front
 * @param producerTimeout how long the producer of a streamed answer may be silent while the peer would take more; then
 *     the connection is aborted with {@code HANDLER_FAILED}, since what was begun cannot become another answer. 5 min
 *     by default: proxies in front wait 60 s for the next bytes (nginx, HAProxy, load balancers), so whoever streams
 *     seldom does well to send something before that, as {@link EventStream} does. Of a peer that has ended its side
 *     see {@link HttpTimeouts#responseGrace()}
 * @param serverName the value of the field {@code Server}; empty, the default, sends none, since it helps nobody but
 *     who looks for known holes
 * @param date whether to send {@code Date}; on by default, as RFC 9110 §6.6.1 asks of servers with a clock
 * @param errorPage makes the page of a failure of which nobody else made one, from the request, if it was understood,
 *     and the plain response; empty, the default, sends the plain one
 * @param accessLog is told of each answer that was sent or failed; empty by default
 */
public record HttpServerOptions(
        HttpLimits limits,
        HttpTimeouts timeouts,
        Duration answerTimeout,
        Duration producerTimeout,
        String serverName,
        boolean date,
        Optional<BiFunction<Optional<Request>, Response, Response>> errorPage,
        Optional<Consumer<AccessRecord>> accessLog) {
    /** The defaults. */
    public static final HttpServerOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public HttpServerOptions {
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(timeouts, "timeouts");
        Objects.requireNonNull(serverName, "serverName");
        Objects.requireNonNull(errorPage, "errorPage");
        Objects.requireNonNull(accessLog, "accessLog");
        Ranges.positive("answerTimeout", answerTimeout);
        Ranges.positive("producerTimeout", producerTimeout);
        if (!serverName.isEmpty()) {
            Headers.of("Server", serverName);
        }
    }

    /**
     * Starts from the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects values. */
    public static final class Builder {
        private HttpLimits limits = HttpLimits.DEFAULT;
        private HttpTimeouts timeouts = HttpTimeouts.DEFAULT;
        private Duration answerTimeout = Duration.ofSeconds(60);
        private Duration producerTimeout = Duration.ofMinutes(5);
        private String serverName = "";
        private boolean date = true;
        private @Nullable BiFunction<Optional<Request>, Response, Response> errorPage;
        private @Nullable Consumer<AccessRecord> accessLog;

        private Builder() {}

        /**
         * Sets {@link HttpServerOptions#limits}.
         *
         * @param value the limits
         * @return this
         */
        public Builder limits(HttpLimits value) {
            limits = value;
            return this;
        }

        /**
         * Sets {@link HttpServerOptions#timeouts}.
         *
         * @param value the time-outs and rates
         * @return this
         */
        public Builder timeouts(HttpTimeouts value) {
            timeouts = value;
            return this;
        }

        /**
         * Sets {@link HttpServerOptions#answerTimeout}.
         *
         * @param value above 0
         * @return this
         */
        public Builder answerTimeout(Duration value) {
            answerTimeout = value;
            return this;
        }

        /**
         * Sets {@link HttpServerOptions#producerTimeout}.
         *
         * @param value above 0
         * @return this
         */
        public Builder producerTimeout(Duration value) {
            producerTimeout = value;
            return this;
        }

        /**
         * Sets {@link HttpServerOptions#serverName}.
         *
         * @param value the value of a field, or empty
         * @return this
         */
        public Builder serverName(String value) {
            serverName = value;
            return this;
        }

        /**
         * Sets {@link HttpServerOptions#date}.
         *
         * @param value whether to send it
         * @return this
         */
        public Builder date(boolean value) {
            date = value;
            return this;
        }

        /**
         * Sets {@link HttpServerOptions#errorPage}.
         *
         * @param value makes the page; called on the loop thread
         * @return this
         */
        public Builder errorPage(BiFunction<Optional<Request>, Response, Response> value) {
            errorPage = value;
            return this;
        }

        /**
         * Sets {@link HttpServerOptions#accessLog}.
         *
         * @param value called on the loop thread; is to return soon
         * @return this
         */
        public Builder accessLog(Consumer<AccessRecord> value) {
            accessLog = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is not as described
         */
        public HttpServerOptions build() {
            return new HttpServerOptions(
                    limits,
                    timeouts,
                    answerTimeout,
                    producerTimeout,
                    serverName,
                    date,
                    Optional.ofNullable(errorPage),
                    Optional.ofNullable(accessLog));
        }
    }
}
