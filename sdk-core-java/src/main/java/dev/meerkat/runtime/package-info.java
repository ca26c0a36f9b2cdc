/**
 * What a manager runs on: the seam between the event manager and sockets, clocks, names, randomness and threads. Most
 * programs never look in here; a testkit, a transport of your own or a resolver with a fixed table does.
 */
@NullMarked
package dev.meerkat.runtime;

import org.jspecify.annotations.NullMarked;
