package dev.meerkat.examples.benchmarks.versus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The command line of a comparison: words, and options with a number each. A mistake ends the program with a usage
 * line.
 */
final class Arguments {
    private final List<String> words = new ArrayList<>();
    private final Map<String, Double> options = new TreeMap<>();

    /**
     * Reads a command line.
     *
     * @param args as {@code main} gets them
     * @param usage what to print if they are wrong
     * @param defaults the options that there are, with their defaults
     */
    Arguments(String[] args, String usage, Map<String, Double> defaults) {
        options.putAll(defaults);
        try {
            for (int i = 0; i < args.length; i++) {
                if (!args[i].startsWith("--")) {
                    words.add(args[i]);
                } else if (!defaults.containsKey(args[i].substring(2))) {
                    throw new IllegalArgumentException("unknown option " + args[i]);
                } else {
                    options.put(args[i].substring(2), positive(args[++i]));
                }
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException wrong) {
            System.err.println(usage + "\n" + wrong.getMessage());
            System.exit(2);
        }
    }

    private static double positive(String text) {
        double value = Double.parseDouble(text);
        if (value <= 0) {
            throw new IllegalArgumentException("must be positive: " + text);
        }
        return value;
    }

    double number(String option) {
        return options.getOrDefault(option, 0.0);
    }

    int count(String option) {
        return (int) number(option);
    }

    /** Whether a word stands on the command line, or none at all. */
    boolean names(String word) {
        return words.isEmpty() || words.contains(word);
    }

    /** The contenders that were named, or all; the bare loop is always among them and always the first. */
    List<Contender> contenders() {
        List<Contender> named = new ArrayList<>();
        for (Contender each : Contender.values()) {
            if (words.isEmpty() || each == Contender.NIO || words.contains(each.word())) {
                named.add(each);
            }
        }
        return named;
    }
}
