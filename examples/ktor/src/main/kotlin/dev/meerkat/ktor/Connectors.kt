package dev.meerkat.ktor

import dev.meerkat.ListenOptions
import dev.meerkat.tls.ClientAuth
import dev.meerkat.tls.TlsOptions
import dev.meerkat.tls.TlsVersion
import io.ktor.server.engine.ConnectorType
import io.ktor.server.engine.EngineConnectorConfig
import io.ktor.server.engine.EngineSSLConnectorConfig
import java.security.KeyStore
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory

/** The address of a connector in the words of [dev.meerkat.EventManager.listen]. */
internal val EngineConnectorConfig.url: String
    get() {
        val name = if (':' in host && !host.startsWith('[')) "[$host]" else host
        return (if (type == ConnectorType.HTTPS) "https://" else "http://") + "$name:$port"
    }

/** How to listen for a connector: with the key store that it names, if it is one of HTTPS. */
internal fun EngineConnectorConfig.options(listen: ListenOptions): ListenOptions =
    if (this is EngineSSLConnectorConfig) listen.toBuilder().tls(tls()).build() else listen

private fun EngineSSLConnectorConfig.tls(): TlsOptions {
    val keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
    keys.init(onlyKey(), privateKeyPassword())
    val trusted = trustStore ?: trustStorePath?.let { KeyStore.getInstance(it, null as CharArray?) }
    val trust = trusted?.let { store ->
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }
    }
    val context = SSLContext.getInstance("TLS")
    context.init(keys.keyManagers, trust?.trustManagers, null)
    val options = TlsOptions.builder().context(context)
    if (trust != null) {
        options.clientAuth(ClientAuth.REQUIRED)
    }
    enabledProtocols?.let { names ->
        val versions = names.map(::versionOf)
        options.versions(versions.first(), *versions.drop(1).toTypedArray())
    }
    return options.build()
}

/** A store with the key that the connector names and no other, so that the JDK chooses no other. */
private fun EngineSSLConnectorConfig.onlyKey(): KeyStore {
    val key = requireNotNull(keyStore.getKey(keyAlias, privateKeyPassword())) {
        "the key store of connector $host:$port has no private key \"$keyAlias\"; it has ${keyStore.aliases().toList()}"
    }
    return KeyStore.getInstance("PKCS12").apply {
        load(null, null)
        setKeyEntry(keyAlias, key, privateKeyPassword(), keyStore.getCertificateChain(keyAlias))
    }
}

private fun EngineSSLConnectorConfig.versionOf(name: String): TlsVersion =
    requireNotNull(TlsVersion.entries.find { it.jdkName() == name }) {
        "expected a protocol of ${TlsVersion.entries.map(
            TlsVersion::jdkName,
        )} for connector $host:$port, found \"$name\""
    }
