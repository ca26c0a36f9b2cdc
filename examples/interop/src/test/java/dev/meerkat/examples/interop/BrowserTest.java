package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** A script in a page, in Chromium without a window. */
class BrowserTest extends WebSocketClientRules {
    @Override
    WebSocketPeer start(WebSocketSite running) throws Exception {
        return NodePeer.browser(running.page());
    }

    @Override
    boolean saysStatus() {
        return false;
    }

    @Test
    void aScriptOfAnotherOriginIsRefused() throws Exception {
        assertEquals("refused", connect("/elsewhere").next().what());
        end(open("/ws"));
    }
}
