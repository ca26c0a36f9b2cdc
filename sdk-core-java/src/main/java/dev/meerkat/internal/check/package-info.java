/** Whether a value is what it may be: a token, a number in its range, a time that lies ahead. */
@NullMarked
package dev.meerkat.internal.check;

import org.jspecify.annotations.NullMarked;
