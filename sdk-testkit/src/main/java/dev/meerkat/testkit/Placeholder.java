package dev.meerkat.testkit;

/** Keeps the exported package non-empty; delete it with the package's first real type. */
final class Placeholder {
    private Placeholder() {}
}
