//! Plain HTTP, for people who type an address without `https`: sent to the public address, whatever the request says its host is.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

/// How long a client may take for its whole request: it has a few lines to say.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// Connections at once: more wait.
const AT_ONCE: usize = 256;
/// The longest path that is sent on.
const PATH_MAX: usize = 2_048;

/// Answers until `stop`.
pub(crate) async fn serve(listener: TcpListener, public_url: String, stop: CancellationToken) {
    let (places, public_url) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::<str>::from(public_url.trim_end_matches('/')));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let (stream, _): (_, SocketAddr) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections to be redirected right now");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        let public_url = Arc::clone(&public_url);
        tokio::spawn(async move {
            let _place = place;
            let answer = service_fn(move |request: Request<Incoming>| {
                let answer = answer(&request, &public_url);
                async move { Ok::<_, std::convert::Infallible>(answer) }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).keep_alive(false).max_buf_size(16 * 1024);
            // The client went away, or was too slow: nobody to tell.
            let _ = tokio::time::timeout(HEAD_WITHIN * 2, builder.serve_connection(TokioIo::new(stream), answer)).await;
        });
    }
}

/// Where to go. Only what reads is sent on: a form or a token that came in the clear has leaked, and must not seem to work.
fn answer<B>(request: &Request<B>, public_url: &str) -> Response<http_body_util::Full<Bytes>> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let path = if path.starts_with('/') && path.len() <= PATH_MAX { path } else { "/" };
    let mut response = Response::new(http_body_util::Full::default());
    match HeaderValue::from_str(&format!("{public_url}{path}")) {
        Ok(location) if reads => {
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            response.headers_mut().insert(header::LOCATION, location);
        }
        _ => {
            *response.status_mut() = StatusCode::FORBIDDEN;
            *response.body_mut() = Bytes::from_static(b"use https: what is sent here can be read on the way\n").into();
        }
    }
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &str, uri: &str, host: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(uri).header("host", host).body(()).expect("a request");
        let response = answer(&request, "https://mission.example.com");
        let location = response.headers().get("location").map(|value| value.to_str().expect("text").to_owned());
        (response.status().as_u16(), location.unwrap_or_default())
    }

    #[test]
    fn only_the_public_address_is_named() {
        let there = |path: &str| (308, format!("https://mission.example.com{path}"));
        assert_eq!(ask("GET", "/agents?q=a%20b", "evil.example"), there("/agents?q=a%20b"));
        assert_eq!(ask("HEAD", "/", "evil.example:80"), there("/"));
        assert_eq!(ask("GET", "http://evil.example/x", "evil.example"), there("/x"), "a whole URL as the target");
        assert_eq!(ask("GET", "//evil.example/x", "a").1, "https://mission.example.com//evil.example/x", "still our host");
        assert_eq!(ask("GET", &format!("/{}", "x".repeat(3_000)), "a"), there("/"));
        assert_eq!(ask("POST", "/api/v1/auth/login", "a"), (403, String::new()));
        assert_eq!(ask("OPTIONS", "*", "a").0, 403);
    }
}
