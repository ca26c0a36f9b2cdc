package dev.meerkat.coroutines.http

import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.http.client.ClientBody
import dev.meerkat.http.client.ClientRequest
import dev.meerkat.http.client.ClientResponse
import dev.meerkat.http.client.HttpClient
import dev.meerkat.http.client.HttpClientOptions
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.future.await
import kotlinx.coroutines.job

/**
 * A client of this manager that ends with the scope: then its calls fail and its connections are closed.
 *
 * ```kotlin
 * runEventManager {
 *     val client = httpClient()
 *     println(client.get("http://127.0.0.1:8000/").text())
 * }
 * ```
 *
 * **Thread** any.
 *
 * @param options limits, time-outs and habits
 * @return a client, to be kept as long as the scope; it may be closed before
 * @throws dev.meerkat.ManagerClosedException if the manager is closed
 */
public fun EventManagerScope.httpClient(options: HttpClientOptions = HttpClientOptions.DEFAULT): HttpClient {
    val client = HttpClient.create(manager, options)
    coroutineContext.job.invokeOnCompletion { client.close() }
    return client
}

/**
 * Sends a request and collects the response, within the client's limit.
 *
 * **Suspends** until the response is complete.
 *
 * **Cancellation** gives up this one call: the connection that it is on is aborted, no other is; a response that comes
 * at that moment is thrown away.
 *
 * **Thread** any.
 *
 * @param request with an absolute URI
 * @return the response, whatever its status
 * @throws dev.meerkat.http.client.ClientException if there is none, or not all of one; its kind says why
 * @throws IllegalArgumentException if the URI is not absolute
 * @throws dev.meerkat.ManagerClosedException if the manager is closed
 */
public suspend fun HttpClient.request(request: ClientRequest): ClientResponse = send(request).await()

/**
 * Sends a request that is described in a block, and collects the response.
 *
 * ```kotlin
 * val response = client.request("http://127.0.0.1:8000/notes") {
 *     method = "PUT"
 *     header("If-None-Match", "*")
 *     text("remember the milk")
 *     timeout = 5.seconds
 * }
 * ```
 *
 * **Suspends**, **Cancellation**, **Thread** as of the other `request`. A body that a block writes is written by a child
 * of the caller, on the loop: it is cancelled when the response is here, or the call has failed.
 *
 * @param uri `http` or `https`, with a host
 * @param build describes the request
 * @return the response, whatever its status
 * @throws dev.meerkat.http.client.ClientException if there is none, or not all of one
 * @throws IllegalArgumentException if the URI or the request is malformed
 */
public suspend fun HttpClient.request(uri: String, build: RequestBuilder.() -> Unit): ClientResponse =
    RequestBuilder(uri).apply(build).sendBy(this) { request(it) }

/**
 * Asks for a resource; otherwise as `request`.
 *
 * **Suspends**, **Cancellation**, **Thread** as of `request`.
 *
 * @param uri `http` or `https`, with a host
 * @param build adds fields and so on
 * @return the response, whatever its status
 * @throws dev.meerkat.http.client.ClientException if there is none, or not all of one
 */
public suspend fun HttpClient.get(uri: String, build: RequestBuilder.() -> Unit = {}): ClientResponse =
    request(uri, build)

/**
 * Gives a resource something to process; otherwise as `request`.
 *
 * **Suspends**, **Cancellation**, **Thread** as of `request`.
 *
 * @param uri `http` or `https`, with a host
 * @param body what
 * @return the response, whatever its status
 * @throws dev.meerkat.http.client.ClientException if there is none, or not all of one
 */
public suspend fun HttpClient.post(uri: String, body: ClientBody): ClientResponse =
    request(ClientRequest.post(uri, body))

/**
 * Gives a resource something to process, described in a block; otherwise as `request`.
 *
 * **Suspends**, **Cancellation**, **Thread** as of `request`.
 *
 * @param uri `http` or `https`, with a host
 * @param build describes the body, and so on
 * @return the response, whatever its status
 * @throws dev.meerkat.http.client.ClientException if there is none, or not all of one
 */
public suspend fun HttpClient.post(uri: String, build: RequestBuilder.() -> Unit): ClientResponse = request(uri) {
    method = "POST"
    build()
}

/**
 * Sends a request and gives the response to a block while it arrives. When the block is over, so is the exchange: what
 * it has not read is thrown away, within bounds, or else the connection is given up.
 *
 * ```kotlin
 * client.receive("http://127.0.0.1:8000/big") { response ->
 *     check(response.status == 200)
 *     response.body.copyTo(file)
 * }
 * ```
 *
 * **Suspends** until the block returns.
 *
 * **Cancellation**, and a block that fails, give up this one call: its connection is aborted, no other is.
 *
 * **Thread** any; the block runs in the context of the caller.
 *
 * @param request with an absolute URI
 * @param block reads the response
 * @return what the block returns
 * @throws dev.meerkat.http.client.ClientException if there is no response; if there is not all of one, reading the body
 *     throws it
 * @throws IllegalArgumentException if the URI is not absolute
 */
public suspend fun <T> HttpClient.receive(
    request: ClientRequest,
    block: suspend CoroutineScope.(response: StreamingResponse) -> T,
): T = receiveStreaming(request, block)

/**
 * Sends a request that is described in a block, and gives the response to another while it arrives; otherwise as the
 * other `receive`. Both bodies may be under way at a time.
 *
 * **Suspends**, **Cancellation**, **Thread** as of the other `receive`.
 *
 * @param uri `http` or `https`, with a host
 * @param build describes the request
 * @param block reads the response
 * @return what the block returns
 * @throws dev.meerkat.http.client.ClientException as of the other `receive`
 */
public suspend fun <T> HttpClient.receive(
    uri: String,
    build: RequestBuilder.() -> Unit = {},
    block: suspend CoroutineScope.(response: StreamingResponse) -> T,
): T = RequestBuilder(uri).apply(build).sendBy(this) { receiveStreaming(it, block) }
