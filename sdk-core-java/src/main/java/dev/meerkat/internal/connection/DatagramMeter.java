package dev.meerkat.internal.connection;

/** What is counted of one UDP socket while somebody wants to know. */
final class DatagramMeter extends Meter {
    long datagramsReceived;
    long datagramsSent;
    long failures;
}
