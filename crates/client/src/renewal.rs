//! Keeping the session fresh: the token to use now, its renewal, login and logout.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use mc_api::auth::LoginAnswer;
use reqwest::Response;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Class, Client, Error, Result,
    session::{LockedSession, Session, StoreError},
    transport::Call,
};

/// An access token that ends within this time is renewed before it is used.
const RENEW_BEFORE: Duration = Duration::from_secs(15);
/// The cookie that carries the refresh token.
const REFRESH_COOKIE: &str = "__Host-mc_refresh";

impl Client {
    /// The token to use now.
    pub(crate) async fn access_token(&self) -> Result<SecretString> {
        if let Some(token) = &self.inner.token {
            return Ok(token.clone());
        }
        let ends_after = self.inner.clock.now().after(RENEW_BEFORE);
        let known = self.inner.session.lock().await.as_ref().map(|session| (session.access_token.clone(), session.access_expires_at));
        match known {
            None => Err(Error::NotLoggedIn),
            Some((token, expires_at)) if expires_at > ends_after => Ok(token),
            Some(_) => self.renewed(None).await,
        }
    }

    /// A token other than the `refused` one: from the store when another program renewed the session meanwhile, else from the server.
    pub(crate) async fn renewed(&self, refused: Option<&SecretString>) -> Result<SecretString> {
        if self.inner.token.is_some() {
            return Err(Error::TokenRefused);
        }
        let mut session = self.inner.session.lock().await;
        let now = self.inner.clock.now();
        let usable =
            |known: &Session| known.access_expires_at > now.after(RENEW_BEFORE) && !refused.is_some_and(|token| known.same_access(token));
        if let Some(known) = session.as_ref().filter(|known| usable(known)) {
            return Ok(known.access_token.clone());
        }
        let mut store = self.locked_store().await?;
        let Some(kept) = store.load()? else {
            *session = None;
            return Err(Error::NotLoggedIn);
        };
        if usable(&kept) {
            let token = kept.access_token.clone();
            *session = Some(kept);
            return Ok(token);
        }
        let call = self.call(Method::POST, &["auth", "refresh"]);
        let response = self.dispatch(&call, self.refresh_headers(&kept)?).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            store.save(None)?;
            *session = None;
            return Err(Error::SessionEnded);
        }
        let response = self.checked(response).await?;
        let (_, renewed) = self.session_from(response, Some(&kept)).await?;
        store.save(Some(&renewed))?;
        let token = renewed.access_token.clone();
        *session = Some(renewed);
        Ok(token)
    }

    async fn locked_store(&self) -> Result<Box<dyn LockedSession>> {
        let store = Arc::clone(&self.inner.store);
        let locked = tokio::task::spawn_blocking(move || store.lock()).await;
        Ok(locked.map_err(|_| StoreError("the session store cannot be locked".into()))??)
    }

    /// The session of an answer to a login or a renewal: the body and the refresh cookie. A renewal without that cookie leaves the
    /// refresh token as it `was`.
    async fn session_from(&self, response: Response, was: Option<&Session>) -> Result<(LoginAnswer, Session)> {
        let refresh_token = match (refresh_cookie(response.headers()), was) {
            (Some(token), _) => SecretString::from(token),
            (None, Some(was)) => was.refresh_token.clone(),
            (None, None) => return Err(self.bad_answer("no refresh cookie")),
        };
        let answer: LoginAnswer = self.json(response).await?;
        let session = Session {
            username: answer.user.username.clone(),
            access_token: answer.access_token.clone().into(),
            access_expires_at: self.inner.clock.now().after(Duration::from_secs(answer.expires_in)),
            refresh_token,
        };
        Ok((answer, session))
    }

    /// Keeps the session of a login.
    pub(crate) async fn logged_in(&self, response: Response) -> Result<LoginAnswer> {
        let (answer, session) = self.session_from(response, None).await?;
        self.locked_store().await?.save(Some(&session))?;
        *self.inner.session.lock().await = Some(session);
        Ok(answer)
    }

    /// Tells the server that the session ends, then forgets it even when the server cannot be told.
    pub(crate) async fn logged_out(&self, call: Call) -> Result<()> {
        // The server knows the session by its access token, so that must be one which still works.
        let _ = self.access_token().await;
        let mut session = self.inner.session.lock().await;
        let mut store = self.locked_store().await?;
        let Some(kept) = store.load()? else { return Err(Error::NotLoggedIn) };
        store.save(None)?;
        *session = None;
        let mut headers = self.refresh_headers(&kept)?;
        headers.extend(bearer(&kept.access_token));
        let response = self.dispatch(&call, headers).await?;
        match self.checked(response).await {
            Err(error) if error.class() == Class::NotLoggedIn => Ok(()),
            other => other.map(drop),
        }
    }

    /// A cookie's request must say which origin it comes from, or the server takes it for a forgery.
    fn refresh_headers(&self, session: &Session) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        let cookie = format!("{REFRESH_COOKIE}={}", session.refresh_token.expose_secret());
        headers.insert(header::COOKIE, secret_header(&cookie)?);
        if let Ok(origin) = self.inner.server.to_string().parse() {
            headers.insert(header::ORIGIN, origin);
        }
        Ok(headers)
    }
}

pub(crate) fn bearer(token: &SecretString) -> HeaderMap {
    // A token that is no header value came from a damaged file; without it the server answers 401 and the session is renewed.
    secret_header(&format!("Bearer {}", token.expose_secret()))
        .map(|value| HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
        .unwrap_or_default()
}

pub(crate) fn secret_header(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| StoreError("the kept session is damaged: log in again".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn refresh_cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok())
        .filter_map(|cookie| cookie.split(';').next()?.trim().strip_prefix(REFRESH_COOKIE)?.strip_prefix('='))
        .find(|value| !value.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refresh_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, "__Host-mc_access=a; Path=/; HttpOnly".parse().expect("header"));
        assert_eq!(refresh_cookie(&headers), None);
        headers.append(header::SET_COOKIE, "__Host-mc_refresh=r.s-t; Path=/api/v1/auth; HttpOnly; Secure".parse().expect("header"));
        assert_eq!(refresh_cookie(&headers).as_deref(), Some("r.s-t"));
    }
}
