//! Groups of people in so many that Entra leaves them out of the token: Microsoft Graph knows them.

use serde::Deserialize;
use url::Url;

use crate::{OidcError, net::Net};

/// Where Microsoft Graph is, unless told otherwise.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";
/// The most pages that are read, of up to 999 groups each.
const PAGES: usize = 10;

#[derive(Deserialize)]
struct Page {
    value: Vec<Member>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    #[serde(rename = "@odata.type", default)]
    kind: String,
    id: String,
}

/// The ids of the groups that the bearer of `access_token` is in, through other groups too: the same ids that stand in tokens.
///
/// The link inside the token is not followed: it comes from the token's signer, but asking only the configured place is simpler to trust.
pub(crate) async fn groups(net: &Net, base: &str, access_token: &str) -> Result<Vec<String>, OidcError> {
    let base = net.url(base)?;
    let first = format!("{}/v1.0/me/transitiveMemberOf?$select=id&$top=999", base.as_str().trim_end_matches('/'));
    let mut at: Option<Url> = Some(net.url(&first)?);
    let mut groups = Vec::new();
    for _ in 0..PAGES {
        let Some(url) = at.take() else { return Ok(groups) };
        let page: Page = net.json(&url, Some(access_token)).await?;
        groups.extend(
            page.value.into_iter().filter(|member| member.kind.is_empty() || member.kind == "#microsoft.graph.group").map(|m| m.id),
        );
        at = page.next.map(|next| net.url(&next)).transpose()?;
        // The bearer token goes to Graph and to nobody else.
        if at.as_ref().is_some_and(|next| next.origin() != base.origin()) {
            return Err(OidcError::unavailable("Microsoft Graph sent us elsewhere for more groups"));
        }
    }
    if at.is_some() { Err(OidcError::unavailable("Microsoft Graph has more groups than can be read")) } else { Ok(groups) }
}
