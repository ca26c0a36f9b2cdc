package dev.meerkat.internal.ws;

/** What others than its handler may do with a WebSocket: topics, which send to it on their own. Loop thread. */
public final class Attendance {
    private Attendance() {}

    /**
     * Checks the thread, and that it is open.
     *
     * @param webSocket to be attended
     * @throws IllegalStateException if it is not open
     */
    public static void require(RealWebSocket webSocket) {
        webSocket.checkThread("Topic.subscribe");
        if (webSocket.state() != RealWebSocket.State.OPEN) {
            throw new IllegalStateException(webSocket + " is not open: it cannot subscribe");
        }
    }

    /**
     * Begins.
     *
     * @param webSocket to be attended
     * @param attendant is told when to go on, and when it is over
     * @throws IllegalStateException if it is not open
     */
    public static void begin(RealWebSocket webSocket, Attendant attendant) {
        require(webSocket);
        webSocket.sender.attend(attendant);
    }

    /**
     * Ends.
     *
     * @param webSocket attended until now
     * @param attendant hears nothing more
     */
    public static void end(RealWebSocket webSocket, Attendant attendant) {
        webSocket.sender.dismiss(attendant);
    }

    /**
     * Sends a message.
     *
     * @param webSocket the receiver
     * @param message shared with others
     * @return false if there is no room
     * @throws dev.meerkat.ConnectionClosedException if it is closing or closed
     */
    public static boolean sendIfRoom(RealWebSocket webSocket, SharedMessage message) {
        return webSocket.sender.sendIfRoom(message);
    }

    /**
     * A message has not fitted: the attendant hears of it when more of what waits below has left.
     *
     * @param webSocket the receiver
     * @return false if nothing waits below
     */
    public static boolean expectRoom(RealWebSocket webSocket) {
        return webSocket.sender.expectRoom();
    }

    /**
     * Sending has failed: that is the end of this WebSocket and of nothing else.
     *
     * @param webSocket the receiver
     * @param failure what is told to the error hook
     */
    public static void failed(RealWebSocket webSocket, Throwable failure) {
        Closer.failed(webSocket, failure);
    }
}
