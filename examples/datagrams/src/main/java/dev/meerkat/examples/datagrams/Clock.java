package dev.meerkat.examples.datagrams;

import dev.meerkat.EventManager;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.UdpEvent;

/** Tells everybody who asks what time it is. Try {@code echo | nc -u -w1 127.0.0.1 3737}. */
public final class Clock implements UdpHandler {
    /**
     * Runs the clock until the process ends.
     *
     * @param args the address to listen on; {@code udp://127.0.0.1:3737} if there is none
     */
    public static void main(String[] args) {
        try (EventManager manager = EventManager.create()) {
            UdpSocket socket = manager.listenUdp(args.length > 0 ? args[0] : "udp://127.0.0.1:3737", new Clock());
            System.out.println("the clock listens on port " + socket.port());
            manager.run();
        }
    }

    @Override
    public void onEvent(UdpSocket socket, UdpEvent event) {
        if (event instanceof UdpEvent.Received question) {
            socket.sendTo(question.sender(), socket.manager().wallTime() + "\n");
        }
    }
}
