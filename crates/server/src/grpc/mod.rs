//! The agent port: gRPC over mutual TLS. Translation only; what agents may do is decided in `mc-app`.

mod connection;
mod link;
mod refusal;

pub(crate) use connection::serve;
