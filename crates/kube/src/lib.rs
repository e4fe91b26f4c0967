//! Kubernetes as seen from beside it: one API server is the outside world of this room.
//!
//! - [`request`] says what an HTTP request asks an API server for, by the server's own rules, and in which form it is sent on.
//! - [`impersonate`] says whom a request's headers ask to be.
//! - [`filter`] lets through of an answer what may be seen.
//! - [`session`] tells what goes into a container and comes out of it.
//! - `client` (a feature, for agents) sends a request on.
//!
//! Nothing here decides what may be: the gate does, and is asked elsewhere. Beside the client nothing here does I/O, but for a
//! file without a name that holds what of a long answer does not fit into memory.

#[cfg(feature = "client")]
pub mod client;
pub mod filter;
pub mod impersonate;
pub mod request;
pub mod session;
