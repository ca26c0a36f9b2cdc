package dev.meerkat.examples.interop;

/** The package {@code ws}. */
class NpmWsClientTest extends FrameClientRules {
    @Override
    WebSocketPeer start(WebSocketSite running) throws Exception {
        return NodePeer.ws();
    }
}
