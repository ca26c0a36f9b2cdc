/** What every transport must do, as tests that anybody can run against his own. Needs JUnit 5. */
@NullMarked
package dev.meerkat.testkit.conformance;

import org.jspecify.annotations.NullMarked;
