//! Why a provider could not be used. Texts are our own words: what a provider says is never passed on but for short error codes.

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The provider's settings here make no sense.
    #[error("{0}")]
    Settings(String),
    /// The provider does not answer, or not as one.
    #[error("{0}")]
    Unavailable(String),
    /// The provider said no, with this error code of OAuth 2.0.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// A token does not hold.
    #[error("the token does not hold: {0}")]
    Token(String),
}

impl OidcError {
    pub(crate) fn unavailable(text: impl Into<String>) -> Self {
        Self::Unavailable(text.into())
    }

    pub(crate) fn token(text: impl Into<String>) -> Self {
        Self::Token(text.into())
    }

    /// Whether a refresh token, or the session behind it, is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Refused(code) if code == "invalid_grant" || code == "interaction_required" || code == "login_required")
    }
}

/// An error code from outside: letters and `_` only, so that it can stand in an address, a log or a page.
#[must_use]
pub fn code(text: &str) -> String {
    let code: String = text.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
    if code.is_empty() { "error".to_owned() } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_from_outside_hold_nothing_but_letters() {
        assert_eq!(code("access_denied"), "access_denied");
        assert_eq!(code("<script>alert(1)</script>\r\nSet-Cookie: a=b"), "scriptalertscriptetookieab");
        assert_eq!(code(""), "error");
        assert_eq!(code(&"x".repeat(500)).len(), 40);
    }

    #[test]
    fn only_a_refused_grant_is_the_end() {
        assert!(OidcError::Refused("invalid_grant".into()).is_over());
        assert!(!OidcError::Refused("invalid_client".into()).is_over(), "a wrong secret is our fault, not the person's");
        assert!(!OidcError::unavailable("x").is_over());
    }
}
