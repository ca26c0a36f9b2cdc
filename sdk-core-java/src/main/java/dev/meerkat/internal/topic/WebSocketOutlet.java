package dev.meerkat.internal.topic;

import dev.meerkat.internal.ws.Attendance;
import dev.meerkat.internal.ws.Attendant;
import dev.meerkat.internal.ws.RealWebSocket;
import dev.meerkat.internal.ws.SharedMessage;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.TopicSubscription;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A WebSocket that a topic sends to, beside its handler. */
final class WebSocketOutlet implements Outlet, Attendant {
    private static final CloseStatus TOO_SLOW = new CloseStatus(CloseStatus.TRY_AGAIN_LATER, "too slow");

    private final RealWebSocket webSocket;
    private @Nullable OutletSubscription subscription;

    private WebSocketOutlet(RealWebSocket webSocket) {
        this.webSocket = webSocket;
    }

    static TopicSubscription subscribe(RealTopic topic, WebSocket receiver, SubscriptionOptions options) {
        RealWebSocket webSocket = (RealWebSocket) Objects.requireNonNull(receiver, "webSocket");
        Objects.requireNonNull(options, "options");
        Attendance.require(webSocket);
        WebSocketOutlet outlet = new WebSocketOutlet(webSocket);
        RealSubscription made = topic.admit(
                new ManagerLoop(webSocket.connection().manager()),
                options,
                (room, id) -> outlet.subscription = new OutletSubscription(room, id, options, outlet));
        Attendance.begin(webSocket, outlet);
        return made;
    }

    @Override
    public boolean isWritable() {
        return webSocket.isWritable();
    }

    @Override
    public Fit send(Message message) {
        if (Attendance.sendIfRoom(webSocket, (SharedMessage) message)) {
            return Fit.SENT;
        }
        return Attendance.expectRoom(webSocket) ? Fit.LATER : Fit.NEVER;
    }

    @Override
    public void failed(Throwable why) {
        Attendance.failed(webSocket, why);
    }

    @Override
    public void requestReady(OutletSubscription asking) {
        // it is not writable now, so Drained will come
    }

    @Override
    public void drained() {
        if (subscription != null) {
            subscription.ready();
        }
    }

    @Override
    public void closed() {
        if (subscription != null) {
            subscription.outletClosed();
        }
    }

    @Override
    public void leave(OutletSubscription leaving) {
        Attendance.end(webSocket, this);
    }

    @Override
    public void closeTooSlow() {
        webSocket.close(TOO_SLOW);
    }
}
