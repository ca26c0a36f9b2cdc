package dev.meerkat.internal.ws;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.internal.buffer.HopBudget;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The messages of other threads for one WebSocket on their way through the mailbox, within two bounds of bytes and its
 * own. Made when another thread sends for the first time. Any thread.
 */
final class Hops {
    private final RealWebSocket webSocket;
    private final AtomicInteger bytes = new AtomicInteger();

    Hops(RealWebSocket webSocket) {
        this.webSocket = webSocket;
    }

    /**
     * Sends by way of the mailbox.
     *
     * @param limit how many bytes may be on their way to this WebSocket
     */
    void send(SharedMessage message, int limit) {
        Site site = webSocket.site;
        int length = message.bytes().length();
        int before = bytes.getAndAdd(length);
        if (length > limit - before) {
            bytes.addAndGet(-length);
            throw new SendLimitException(webSocket + ": cannot send " + length + " bytes from another thread, " + before
                    + " of at most " + limit + " are on their way to the loop already");
        }
        HopBudget budget = site.hops();
        if (budget != null && !budget.reserveHop(length)) {
            bytes.addAndGet(-length);
            throw new SendLimitException(webSocket + ": cannot send " + length + " bytes from another thread, at most "
                    + site.manager.options().mailboxBytesLimit()
                    + " of all connections may be on their way to the loop");
        }
        try {
            site.manager.post(() -> arrive(message));
        } catch (RejectedExecutionException e) {
            release(length);
            throw new SendLimitException(webSocket + ": cannot send from another thread: " + e.getMessage());
        } catch (ManagerClosedException e) {
            release(length);
            throw new ConnectionClosedException(webSocket + ": cannot send, " + e.getMessage());
        }
    }

    private void arrive(SharedMessage message) {
        release(message.bytes().length());
        if (webSocket.isOpen() && !webSocket.sender.sendIfRoom(message)) {
            Closer.tooSlow(webSocket);
        } // else it has ended meanwhile: as lost as what had already left
    }

    private void release(int length) {
        bytes.addAndGet(-length);
        HopBudget budget = webSocket.site.hops();
        if (budget != null) {
            budget.releaseHop(length);
        }
    }
}
