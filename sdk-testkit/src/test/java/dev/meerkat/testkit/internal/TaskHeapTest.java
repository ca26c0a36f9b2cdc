package dev.meerkat.testkit.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** T3: the order contract, against a sorted list. */
class TaskHeapTest {
    private static final int PROGRAMS = 10_000;
    private static final int STEPS = 60;

    private static final class Task extends SimTask {
        @Override
        protected void run() {}

        @Override
        public String describe() {
            return "task " + time + "/" + sequence;
        }
    }

    @Test
    void runsInTheOrderOfASortedListWhateverIsArmedCancelledAndMoved() {
        for (int seed = 0; seed < PROGRAMS; seed++) {
            runProgram(new SimRandom(seed));
        }
    }

    private static void runProgram(SimRandom random) {
        TaskHeap heap = new TaskHeap();
        List<Task> tasks = new ArrayList<>();
        List<Task> model = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tasks.add(new Task());
        }
        long sequence = 0;
        for (int step = 0; step < STEPS; step++) {
            Task task = tasks.get(random.nextInt(tasks.size()));
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    task.time = random.nextInt(10);
                    task.sequence = sequence++;
                    heap.put(task);
                    model.remove(task);
                    model.add(task);
                }
                case 2 -> {
                    if (task.isScheduled()) {
                        heap.remove(task);
                        model.remove(task);
                    }
                }
                default -> {
                    if (!model.isEmpty()) {
                        Task first = first(model);
                        assertEquals(first.time, heap.firstTime());
                        assertEquals(first, heap.take());
                        model.remove(first);
                        assertFalse(first.isScheduled());
                    }
                }
            }
            assertEquals(model.size(), heap.size());
        }
        while (!model.isEmpty()) {
            Task first = first(model);
            assertEquals(first, heap.take());
            model.remove(first);
        }
        assertEquals(Long.MAX_VALUE, heap.firstTime());
    }

    private static Task first(List<Task> model) {
        return model.stream()
                .min(Comparator.<Task>comparingLong(t -> t.time).thenComparingLong(t -> t.sequence))
                .orElseThrow();
    }
}
