package dev.meerkat.examples.interop;

/** The client that Node has built in. */
class NodeClientTest extends WebSocketClientRules {
    @Override
    WebSocketPeer start(WebSocketSite running) throws Exception {
        return NodePeer.builtIn();
    }

    @Override
    boolean saysStatus() {
        return false;
    }
}
