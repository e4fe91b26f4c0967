//! Whom a request's headers ask to be.
//!
//! A client may ask the server to treat it as somebody else (`kubectl --as`, `--as-group`). The server asks its authorisers about each part
//! of that, verb `impersonate`, and so can we. Headers of a client are never sent on: who sends a request on says itself, in headers of its
//! own, who the caller is.
//!
//! Source: `WithImpersonation` in `k8s.io/apiserver/pkg/endpoints/filters`.

use percent_encoding::percent_decode_str;

use crate::request::ResourceRequest;

/// Every header whose name begins so is about this; what is not known of them is refused, not ignored.
const PREFIX: &str = "impersonate-";
const EXTRA: &str = "extra-";
/// How the name of a service account begins.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";
/// No request asks for more at once.
const PARTS_MAX: usize = 64;

/// Why headers that ask for impersonation are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadImpersonation {
    /// A group, a user id or extra information without a user.
    #[error("impersonation needs a user: name one with Impersonate-User (kubectl --as)")]
    NoUser,
    /// A header given twice, without a value, with one that is no text, or that Kubernetes does not have.
    #[error("the header {0} is not one that asks for impersonation in one clear way")]
    Header(String),
    /// A name that looks like a service account's and is none.
    #[error("a service account is named system:serviceaccount:NAMESPACE:NAME")]
    ServiceAccount,
    /// Too much at once.
    #[error("impersonation asks for more than {PARTS_MAX} things at once")]
    TooMany,
}

/// Whether a header asks for impersonation. Such a header of a client is never sent on.
#[must_use]
pub fn is_impersonation(header: &str) -> bool {
    header.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// What `headers` (all of a request, by name and value) ask to be: nothing, or each part to ask the gate about.
///
/// # Errors
/// When it is not clear, or the server would refuse it.
pub fn asked<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Vec<ResourceRequest>, BadImpersonation> {
    let mut user = None;
    let mut others = Vec::new();
    for (header, value) in headers.into_iter().filter(|(header, _)| is_impersonation(header)) {
        let lower = header.to_ascii_lowercase();
        let bad = || BadImpersonation::Header(lower.clone());
        let value = std::str::from_utf8(value).ok().filter(|value| !value.is_empty()).ok_or_else(bad)?;
        let asked = match lower.strip_prefix(PREFIX).unwrap_or_default() {
            "user" if user.is_none() => {
                user = Some(user_asked(value)?);
                continue;
            }
            "group" => impersonate("", "groups", value),
            "uid" if !others.iter().any(is_uid) => impersonate("authentication.k8s.io", "uids", value),
            kind => {
                let key = kind.strip_prefix(EXTRA).filter(|key| !key.is_empty()).ok_or_else(bad)?;
                let key = percent_decode_str(key).decode_utf8().map_err(|_| bad())?;
                ResourceRequest { subresource: key.into_owned(), ..impersonate("authentication.k8s.io", "userextras", value) }
            }
        };
        others.push(asked);
        if others.len() > PARTS_MAX {
            return Err(BadImpersonation::TooMany);
        }
    }
    match user {
        Some(user) => Ok(std::iter::once(user).chain(others).collect()),
        None if others.is_empty() => Ok(others),
        None => Err(BadImpersonation::NoUser),
    }
}

fn is_uid(asked: &ResourceRequest) -> bool {
    asked.resource == "uids"
}

fn user_asked(user: &str) -> Result<ResourceRequest, BadImpersonation> {
    let Some(account) = user.strip_prefix(SERVICE_ACCOUNT) else { return Ok(impersonate("", "users", user)) };
    let (namespace, name) = account.split_once(':').ok_or(BadImpersonation::ServiceAccount)?;
    if !is_dns_name(namespace, 63) || namespace.contains('.') || !is_dns_name(name, 253) {
        return Err(BadImpersonation::ServiceAccount);
    }
    Ok(ResourceRequest { namespace: namespace.to_owned(), ..impersonate("", "serviceaccounts", name) })
}

fn is_dns_name(text: &str, longest: usize) -> bool {
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !label.is_empty() && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= longest && text.split('.').all(label)
}

fn impersonate(group: &str, resource: &str, name: &str) -> ResourceRequest {
    ResourceRequest {
        verb: "impersonate",
        api_group: group.to_owned(),
        resource: resource.to_owned(),
        name: name.to_owned(),
        ..ResourceRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &str)]) -> Result<Vec<String>, BadImpersonation> {
        let told = |asked: &ResourceRequest| {
            format!("{} {}|{}|{}|{}|{}", asked.verb, asked.api_group, asked.resource, asked.subresource, asked.namespace, asked.name)
        };
        asked(headers.iter().map(|(name, value)| (*name, value.as_bytes()))).map(|all| all.iter().map(told).collect())
    }

    #[test]
    fn each_part_is_asked_about() {
        assert_eq!(read(&[("Accept", "*/*"), ("X-Impersonate-User", "x")]).unwrap(), Vec::<String>::new());
        let all = [
            ("IMPERSONATE-group", "system:masters"),
            ("Impersonate-User", "ann"),
            ("Impersonate-Group", "dev"),
            ("impersonate-uid", "7"),
            ("Impersonate-Extra-Acme.com%2FProject", "x"),
        ];
        let expected = [
            "impersonate |users|||ann",
            "impersonate |groups|||system:masters",
            "impersonate |groups|||dev",
            "impersonate authentication.k8s.io|uids|||7",
            "impersonate authentication.k8s.io|userextras|acme.com/project||x",
        ];
        assert_eq!(read(&all).unwrap(), expected);
        let account = read(&[("impersonate-user", "system:serviceaccount:prod:default")]).unwrap();
        assert_eq!(account, ["impersonate |serviceaccounts||prod|default"]);
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        assert_eq!(read(&[("Impersonate-Group", "dev")]), Err(BadImpersonation::NoUser));
        let header = |name: &str| Err(BadImpersonation::Header(name.to_owned()));
        assert_eq!(read(&[("Impersonate-User", "a"), ("impersonate-user", "b")]), header("impersonate-user"));
        assert_eq!(read(&[("Impersonate-User", "")]), header("impersonate-user"));
        assert_eq!(read(&[("Impersonate-User", "a"), ("Impersonate-Uid", "1"), ("Impersonate-Uid", "2")]), header("impersonate-uid"));
        assert_eq!(read(&[("Impersonate-User", "a"), ("Impersonate-Everything", "1")]), header("impersonate-everything"));
        assert_eq!(read(&[("Impersonate-User", "a"), ("Impersonate-Extra-", "1")]), header("impersonate-extra-"));
        for user in ["system:serviceaccount:prod", "system:serviceaccount::x", "system:serviceaccount:a.b:x", "system:serviceaccount:a:b:c"]
        {
            assert_eq!(read(&[("Impersonate-User", user)]), Err(BadImpersonation::ServiceAccount), "{user}");
        }
        let many: Vec<_> = std::iter::once(("Impersonate-User", "a")).chain([("Impersonate-Group", "g"); 65]).collect();
        assert_eq!(read(&many), Err(BadImpersonation::TooMany));
    }
}
