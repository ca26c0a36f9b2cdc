package dev.meerkat.testkit.manager;

/** What kind of sockets the rules are played on. */
enum Family {
    TCP,
    UNIX
}
