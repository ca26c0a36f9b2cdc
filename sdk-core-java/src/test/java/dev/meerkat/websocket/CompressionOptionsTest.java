package dev.meerkat.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CompressionOptionsTest {
    private static void refused(String name, UnaryOperator<CompressionOptions.Builder> change) {
        CompressionOptions.Builder builder = change.apply(CompressionOptions.builder());
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
        assertTrue(e.getMessage().startsWith(name), e::getMessage);
    }

    private static void taken(UnaryOperator<CompressionOptions.Builder> change) {
        CompressionOptions options = change.apply(CompressionOptions.builder()).build();
        assertEquals(options, options.toBuilder().build());
    }

    @Test
    void eachValueHasARange() {
        taken(builder -> builder.level(1).threshold(0).inflationRatio(1).contextBytes(323_584));
        taken(builder -> builder.level(9).threshold(Integer.MAX_VALUE).contextBytes(Long.MAX_VALUE));
        taken(builder -> builder.enabled(false).keepOwnContext(true).keepPeerContext(true));
        refused("level", builder -> builder.level(0));
        refused("level", builder -> builder.level(10));
        refused("threshold", builder -> builder.threshold(-1));
        refused("contextBytes", builder -> builder.contextBytes(323_583));
        refused("inflationRatio", builder -> builder.inflationRatio(0));
    }

    @Test
    void theDefaultsCostAnIdleConnectionNothing() {
        assertTrue(CompressionOptions.DEFAULT.enabled());
        assertFalse(CompressionOptions.DEFAULT.keepOwnContext());
        assertFalse(CompressionOptions.DEFAULT.keepPeerContext());
        assertFalse(CompressionOptions.OFF.enabled());
    }
}
