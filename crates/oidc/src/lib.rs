//! OpenID providers as seen from here.
//!
//! One [`Relying`] stands for one provider: it learns the provider's addresses and keys, sends people there, trades what they come back
//! with for tokens, and believes a token only after checking it. It knows no database, no sessions and no users. Every request has a time
//! limit and a largest answer, follows no redirect, and goes to HTTPS only (see [`net`]).

mod claims;
mod discovery;
mod error;
mod graph;
mod logout;
pub mod net;
mod relying;
mod token;

pub use error::{OidcError, code};
pub use logout::LogoutToken;
pub use relying::{Ask, Check, Person, Relying, Renewal, Settings, Tokens, ask_again_after};
