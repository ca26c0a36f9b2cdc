package dev.meerkat.examples.chat;

import dev.meerkat.Acceptor;
import dev.meerkat.EventManager;

/** The chat room of {@link ChatHandler}, served with callbacks. Talk to it with {@code nc 127.0.0.1 7000}. */
public final class JavaChat {
    private JavaChat() {}

    /**
     * Serves until the process is told to end.
     *
     * @param args {@code --port N}, 7000 by default
     */
    public static void main(String[] args) {
        try (EventManager manager = EventManager.create()) {
            String address = "tcp://127.0.0.1:" + CommandLine.port(args);
            Acceptor acceptor = manager.listen(address, ChatHandler.LISTEN, new ChatHandler());
            System.out.println("chat on port " + acceptor.port() + "; join it with: nc 127.0.0.1 " + acceptor.port());
            manager.run();
        }
    }
}
