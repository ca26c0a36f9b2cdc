package dev.meerkat.testkit.manager;

import dev.meerkat.runtime.Probe;
import java.util.ArrayList;
import java.util.List;

/** Notes what a manager reports of itself, and has borrowed bytes overwritten if it was told to. */
final class RecordingProbe implements Probe {
    private record Report(String kind, long detail) {}

    private final List<Report> reports = new ArrayList<>();
    private boolean poisons;

    RecordingProbe poisoning() {
        poisons = true;
        return this;
    }

    @Override
    public void event(String kind, long connection, long detail) {
        reports.add(new Report(kind, detail));
    }

    @Override
    public boolean poisonsBorrowedBytes() {
        return poisons;
    }

    /** What was reported with every event of a kind, in order. */
    List<Long> details(String kind) {
        return reports.stream()
                .filter(report -> report.kind.equals(kind))
                .map(Report::detail)
                .toList();
    }
}
