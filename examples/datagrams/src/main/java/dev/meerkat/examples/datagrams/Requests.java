package dev.meerkat.examples.datagrams;

import dev.meerkat.EventManager;
import dev.meerkat.Timer;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.UdpEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/**
 * Requests that get through a bad network: each is sent again after 200 ms, and again after twice as long, five times
 * in all, and given up 6.2 s after it was made.
 */
public final class Requests implements UdpHandler {
    private static final Duration FIRST_WAIT = Duration.ofMillis(200);
    private static final int TRIES = 5;

    private final UdpSocket socket;
    private final Map<Integer, Request> underWay = new HashMap<>();
    private int lastNumber;

    /**
     * Connects to a server.
     *
     * @param manager whose loop all this runs on
     * @param address of the server, {@code udp://host:port}
     */
    public Requests(EventManager manager, String address) {
        socket = manager.connectUdp(address, this);
    }

    /**
     * Asks.
     *
     * @param text the question
     * @return completed on the loop thread with the answer, or with a {@link TimeoutException}
     */
    public CompletableFuture<String> ask(String text) {
        Request request = new Request(++lastNumber, text);
        underWay.put(request.number, request);
        request.send();
        return request.answer;
    }

    @Override
    public void onEvent(UdpSocket from, UdpEvent event) {
        if (event instanceof UdpEvent.Received datagram) {
            Messages.decode(datagram).ifPresent(this::answered); // a port that is unreachable may come back: ask again
        }
    }

    private void answered(Messages message) {
        Request request = underWay.remove(message.number());
        if (request != null) { // otherwise it has been answered before, or given up
            request.timer.cancel();
            request.answer.complete(message.text());
        }
    }

    private final class Request {
        private final int number;
        private final Bytes message;
        private final CompletableFuture<String> answer = new CompletableFuture<>();
        private Duration wait = FIRST_WAIT;
        private int sent;
        private Timer timer = socket.manager().schedule(Duration.ofDays(1), () -> {});

        Request(int number, String text) {
            this.number = number;
            this.message = new Messages(number, text).encode();
        }

        void send() {
            timer.cancel();
            if (sent++ == TRIES) {
                underWay.remove(number);
                answer.completeExceptionally(new TimeoutException("no answer to request " + number));
                return;
            }
            socket.send(message);
            timer = socket.manager().schedule(wait, this::send);
            wait = wait.multipliedBy(2);
        }
    }
}
