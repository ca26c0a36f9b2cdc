package dev.meerkat.examples.foreign;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.Timer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.foreign.ForeignLoop;
import java.awt.EventQueue;
import java.time.Duration;
import javax.swing.JFrame;
import javax.swing.JLabel;

/** A window that shows the last line that anybody sent to port 7000. Handlers run on the event thread of the window. */
public final class WindowClock {
    private WindowClock() {}

    /** Makes a manager on the event thread of the user interface, where everything may touch windows. */
    public static EventManager manager() {
        return ForeignLoop.runningOn(
                EventQueue::invokeLater, ManagerOptions.builder().name("window").build());
    }

    /** Opens the window. */
    public static void main(String[] arguments) {
        EventQueue.invokeLater(() -> {
            JLabel label = new JLabel("nc 127.0.0.1 7000");
            JFrame window = new JFrame("meerkat");
            window.add(label);
            window.setSize(400, 100);
            window.setDefaultCloseOperation(JFrame.EXIT_ON_CLOSE);
            window.setVisible(true);
            EventManager manager = manager();
            manager.listen("tcp://127.0.0.1:7000", (connection, event) -> {
                if (event instanceof TcpEvent.Received received) {
                    label.setText(received.takeText());
                }
            });
            manager.scheduleAtFixedRate(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1),
                    Timer.Overrun.SKIP,
                    () -> window.setTitle("meerkat, " + manager.wallTime()));
        });
    }
}
