//! Every request gets an id, which is the audit trail's correlation id, and is measured.

use std::{net::IpAddr, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue};
use mc_domain::id::RequestId;

use super::{Http, connection::Peer, deadline, problem};

tokio::task_local! {
    static REQUEST: RequestId;
}

/// The id of the request this task works on.
pub(crate) fn current_id() -> RequestId {
    REQUEST.try_with(|id| *id).unwrap_or_else(|_| RequestId::new())
}

/// The caller's address: the peer's, or what a trusted proxy says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address(pub(crate) IpAddr);

/// The outermost layer.
pub(crate) async fn observe(State(http): State<Http>, mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    let address = real_address(peer, request.headers(), &http.0.settings.trusted_proxies);
    request.extensions_mut().insert(Address(address));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let began = Instant::now();
    let request = deadline::within(http.0.settings.body_within, request);
    let upgrades = request.headers().contains_key(http::header::UPGRADE);
    let work = REQUEST.scope(id, next.run(request));
    // What changes something or begins a session is finished also when the client hangs up meanwhile: half of it may be stored already.
    let mut response = if method.is_safe() && !upgrades {
        work.await
    } else {
        tokio::spawn(work).await.unwrap_or_else(|_| problem::Refusal::internal().into_response())
    };
    http.0.metrics.request(&method, route, response.status(), began.elapsed());
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// The last address of `X-Forwarded-For` that is not a trusted proxy, when the peer is one.
fn real_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let hops: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().flat_map(|value| value.to_str().unwrap_or_default().split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        match hop.parse::<IpAddr>().map(|hop| hop.to_canonical()) {
            Ok(hop) if trusted.contains(&hop) => {}
            Ok(hop) => return hop,
            // What stands further left was written by whoever wrote this.
            Err(_) => return peer,
        }
    }
    peer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: [u8; 4], forwarded: &str) -> IpAddr {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().expect("a header"));
        real_address(peer.into(), &headers, &[[10, 0, 0, 1].into(), [10, 0, 0, 2].into()])
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(address([1, 2, 3, 4], "9.9.9.9"), IpAddr::from([1, 2, 3, 4]));
        assert_eq!(address([10, 0, 0, 1], "9.9.9.9"), IpAddr::from([9, 9, 9, 9]));
        assert_eq!(
            address([10, 0, 0, 1], "6.6.6.6, 9.9.9.9, 10.0.0.2"),
            IpAddr::from([9, 9, 9, 9]),
            "what the client itself wrote is not believed"
        );
        assert_eq!(address([10, 0, 0, 1], "nonsense"), IpAddr::from([10, 0, 0, 1]));
        assert_eq!(address([10, 0, 0, 1], "6.6.6.6, 9.9.9.9:80"), IpAddr::from([10, 0, 0, 1]), "a hop that is none ends the search");
    }
}
