package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.EventManager;
import dev.meerkat.Timer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Something that has timers. Each runs the same two loops, written against its own interface. */
interface TimerFacility extends AutoCloseable {
    Runnable NOTHING = () -> {};

    /** What the tables call it. */
    String title();

    /** Runs a task where timers of this facility are usually scheduled: on its loop if it has one. */
    <T> T inLoop(Callable<T> task) throws Exception;

    void scheduleAll(Duration[] delays, Object[] handles);

    void cancelAll(Object[] handles);

    /** Schedules a task and returns when it should run, on the clock of {@link System#nanoTime()}. */
    long schedule(long delayMillis, Runnable task);

    @Override
    void close();

    /** Schedules timers one millisecond apart and waits for them; returns by how many nanoseconds each was late. */
    default Samples lateness(int timers) throws Exception {
        long[] due = new long[timers];
        long[] fired = new long[timers];
        CountDownLatch left = new CountDownLatch(timers);
        inLoop(() -> {
            for (int i = 0; i < timers; i++) {
                int index = i;
                due[i] = schedule(100 + i, () -> {
                    fired[index] = System.nanoTime();
                    left.countDown();
                });
            }
            return true;
        });
        left.await();
        Samples late = new Samples();
        for (int i = 0; i < timers; i++) {
            late.add((double) (fired[i] - due[i]));
        }
        return late;
    }

    /** A manager on a thread of its own. */
    final class OfMeerkat implements TimerFacility {
        private final EventManager manager = EventManager.create().start();

        @Override
        public String title() {
            return "Meerkat";
        }

        @Override
        public <T> T inLoop(Callable<T> task) {
            return manager.submit(task).join();
        }

        @Override
        public void scheduleAll(Duration[] delays, Object[] handles) {
            for (int i = 0; i < delays.length; i++) {
                handles[i] = manager.schedule(delays[i], NOTHING);
            }
        }

        @Override
        public void cancelAll(Object[] handles) {
            for (Object handle : handles) {
                ((Timer) handle).cancel();
            }
        }

        /** The deadline counts from the turn's time, and the manager's clock has an origin of its own. */
        @Override
        public long schedule(long delayMillis, Runnable task) {
            Timer timer = manager.schedule(Duration.ofMillis(delayMillis), task);
            long origin = System.nanoTime() - manager.runtime().time().nanoTime();
            return timer.deadlineNanos() + origin;
        }

        @Override
        public void close() {
            manager.close();
        }
    }

    /** One event loop of Netty on its NIO transport. */
    final class OfNettyLoop implements TimerFacility {
        private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

        @Override
        public String title() {
            return "Netty event loop";
        }

        @Override
        public <T> T inLoop(Callable<T> task) throws Exception {
            return group.submit(task).get();
        }

        @Override
        public void scheduleAll(Duration[] delays, Object[] handles) {
            var loop = group.next();
            for (int i = 0; i < delays.length; i++) {
                handles[i] = loop.schedule(NOTHING, delays[i].toNanos(), TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void cancelAll(Object[] handles) {
            for (Object handle : handles) {
                ((Future<?>) handle).cancel(false);
            }
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        public long schedule(long delayMillis, Runnable task) {
            long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis);
            group.next().schedule(task, delayMillis, TimeUnit.MILLISECONDS);
            return due;
        }

        @Override
        public void close() {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    /** Netty's hashed wheel with its default tick of 100 ms replaced by the 10 ms that servers choose. */
    final class OfNettyWheel implements TimerFacility {
        private final HashedWheelTimer wheel = new HashedWheelTimer(10, TimeUnit.MILLISECONDS, 512);

        @Override
        public String title() {
            return "Netty hashed wheel, 10 ms";
        }

        @Override
        public <T> T inLoop(Callable<T> task) throws Exception {
            return task.call(); // its timers are scheduled from elsewhere
        }

        @Override
        public void scheduleAll(Duration[] delays, Object[] handles) {
            for (int i = 0; i < delays.length; i++) {
                handles[i] = wheel.newTimeout(timeout -> {}, delays[i].toNanos(), TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void cancelAll(Object[] handles) {
            for (Object handle : handles) {
                ((Timeout) handle).cancel();
            }
        }

        @Override
        public long schedule(long delayMillis, Runnable task) {
            long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis);
            wheel.newTimeout(timeout -> task.run(), delayMillis, TimeUnit.MILLISECONDS);
            return due;
        }

        @Override
        public void close() {
            wheel.stop();
        }
    }

    /** The JDK's, told to forget what is cancelled. */
    final class OfExecutor implements TimerFacility {
        private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);

        OfExecutor() {
            executor.setRemoveOnCancelPolicy(true);
        }

        @Override
        public String title() {
            return "ScheduledThreadPoolExecutor";
        }

        @Override
        public <T> T inLoop(Callable<T> task) throws Exception {
            return task.call();
        }

        @Override
        public void scheduleAll(Duration[] delays, Object[] handles) {
            for (int i = 0; i < delays.length; i++) {
                handles[i] = executor.schedule(NOTHING, delays[i].toNanos(), TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void cancelAll(Object[] handles) {
            for (Object handle : handles) {
                ((Future<?>) handle).cancel(false);
            }
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        public long schedule(long delayMillis, Runnable task) {
            long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis);
            executor.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
            return due;
        }

        @Override
        public void close() {
            executor.shutdownNow();
        }
    }
}
