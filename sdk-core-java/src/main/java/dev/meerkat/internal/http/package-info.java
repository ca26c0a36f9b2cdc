/** HTTP on a connection: requests and responses, their order, deadlines and limits. Not for programs. */
@NullMarked
package dev.meerkat.internal.http;

import org.jspecify.annotations.NullMarked;
