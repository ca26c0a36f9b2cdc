package dev.meerkat.examples.interop;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The server of the package {@code ws}. */
class NpmWsServerTest extends WebSocketServerRules {
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private @Nullable NodeProcess process;

    @Override
    String start() throws Exception {
        process = NodeProcess.start(said::add, "server.mjs");
        return "ws://127.0.0.1:" + said("listening ");
    }

    @Override
    String[] deflatePaths() {
        return new String[] {"/deflate", "/deflate-forgetful", "/deflate-small"};
    }

    @Override
    String told() throws InterruptedException {
        return said("closed ");
    }

    private String said(String beginning) throws InterruptedException {
        String line = said.poll(60, TimeUnit.SECONDS);
        if (line == null || !line.startsWith(beginning)) {
            throw new AssertionError("expected \"" + beginning + "\", but the server said " + line);
        }
        return line.substring(beginning.length());
    }

    @Override
    void stop() throws Exception {
        if (process != null) {
            process.close();
        }
    }
}
