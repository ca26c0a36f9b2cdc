/**
 * Handlers written in JavaScript, for an event manager of the program that embeds the script. The engine is the user's
 * own, through {@code javax.script}; {@link dev.meerkat.scripting.JavaScript} is the entry.
 */
@NullMarked
package dev.meerkat.scripting;

import org.jspecify.annotations.NullMarked;
