package dev.meerkat.examples.interop;

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
}
