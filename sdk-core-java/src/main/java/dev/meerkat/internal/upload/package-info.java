/** Uploads: multipart bodies of requests, and the files that they become. Nothing here blocks the loop. */
@NullMarked
package dev.meerkat.internal.upload;

import org.jspecify.annotations.NullMarked;
