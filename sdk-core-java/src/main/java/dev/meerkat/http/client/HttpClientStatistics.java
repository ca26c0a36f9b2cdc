package dev.meerkat.http.client;

/**
 * What a client holds at a moment.
 *
 * @param connections how many connections it has, being made, used or idle
 * @param idle how many of them wait for the next request
 * @param waiting how many calls wait for a connection
 * @param active how many calls are not over
 */
public record HttpClientStatistics(int connections, int idle, int waiting, int active) {}
