/**
 * Ready-made filters, to be put in front of handlers by {@link dev.meerkat.http.Router#filter} or
 * {@link dev.meerkat.http.HttpHandler#with}, and formats of access logs. Each is a class of its own; loaded when it is
 * used.
 */
@NullMarked
package dev.meerkat.http.filter;

import org.jspecify.annotations.NullMarked;
