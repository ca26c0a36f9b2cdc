/** What the library's own protocols may say to whoever puts them into connections, and others may not. */
@NullMarked
package dev.meerkat.internal.protocol;

import org.jspecify.annotations.NullMarked;
