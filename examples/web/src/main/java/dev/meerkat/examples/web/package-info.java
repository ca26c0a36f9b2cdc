/** HTTP in one screen: routes, an upload, files. */
@NullMarked
package dev.meerkat.examples.web;

import org.jspecify.annotations.NullMarked;
