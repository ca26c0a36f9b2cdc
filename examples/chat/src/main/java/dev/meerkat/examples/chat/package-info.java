/** A chat room over TCP, once in Java and once in Kotlin. */
@NullMarked
package dev.meerkat.examples.chat;

import org.jspecify.annotations.NullMarked;
