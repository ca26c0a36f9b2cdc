package dev.meerkat.examples.benchmarks.versus;

import java.util.Arrays;
import java.util.Locale;

/** A Markdown table on standard output: the first column is text, the others are numbers. */
final class Table {
    private Table() {}

    static void head(String... titles) {
        System.out.println();
        row(titles);
        String[] rules = new String[titles.length];
        Arrays.fill(rules, "--:");
        rules[0] = "---";
        row(rules);
    }

    static void row(String... cells) {
        System.out.println("| " + String.join(" | ", cells) + " |");
    }

    /** A number with so many places, and a comma between thousands. */
    static String number(double value, int places) {
        return String.format(Locale.ROOT, "%,." + places + "f", value);
    }
}
