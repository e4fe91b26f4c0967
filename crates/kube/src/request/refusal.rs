//! Why a request is not sent on. Each text is for who sent it.

/// Why a request is not sent on to an API server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A method that has no verb.
    #[error("the method is not one that Kubernetes has a verb for: use GET, HEAD, POST, PUT, PATCH or DELETE")]
    Method,
    /// The path does not begin with a slash, or is too long.
    #[error("the path does not begin with a slash, or is longer than {} bytes", super::path::PATH_MAX)]
    Path,
    /// Percent signs that encode nothing, or bytes that are no text.
    #[error("the path or the query is not the percent-encoding of UTF-8 text")]
    Encoding,
    /// `//`, or a path that ends in more than one slash.
    #[error("the path has an empty part: write one slash where there are two")]
    EmptyPart,
    /// `.` or `..`, encoded or not.
    #[error("the path has a part that is . or ..: write the path that is meant")]
    DotPart,
    /// A character in the path that some would read as something else: an encoded slash or percent sign, a backslash, a control character.
    #[error("the path has a slash, a percent sign, a backslash or a control character within a part: no Kubernetes name has one")]
    Character,
    /// `/api/VERSION/watch` or `/api/VERSION/proxy` and nothing behind it.
    #[error("the path ends where the resource should stand")]
    NoResource,
    /// The query is too long.
    #[error("the query is longer than {} bytes", super::query::QUERY_MAX)]
    QueryLength,
    /// A `;` in the query: some servers part parameters there, others do not.
    #[error("the query has a semicolon: write %3B if it belongs to a value, & if it parts two")]
    Semicolon,
    /// A parameter that decides what is asked for, more than once.
    #[error("the parameter {0} is given more than once")]
    Repeated(&'static str),
    /// A parameter of a list with a value that is none.
    #[error("the parameter {0} has a value that Kubernetes does not understand")]
    Value(&'static str),
}
