package dev.meerkat.internal.httpclient;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.http.client.HttpClientOptions;
import java.util.Objects;

/**
 * What connections share: gives each a stage of its own.
 *
 * @param options of all of them
 * @param hostField the value of Host
 * @param above receives the events of all of them
 */
record SharedStage(HttpClientOptions options, String hostField, Handler above) implements Handler {
    // Rejects missing parts.
    SharedStage {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(hostField, "hostField");
        Objects.requireNonNull(above, "above");
    }

    @Override
    public void onEvent(Connection connection, Event event) throws Exception {
        join(connection).onEvent(connection, event);
    }

    ClientStage join(Connection connection) {
        ClientStage stage = new ClientStage(options, hostField, above);
        connection.replaceHandler(stage);
        stage.join(connection);
        return stage;
    }
}
