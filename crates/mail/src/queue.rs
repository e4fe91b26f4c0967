//! The queue: places for a bounded number of mails, a few sent at a time, each tried again with growing pauses.

use std::{sync::Arc, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use crate::{
    mail::Mail,
    place::{BadPlace, Encryption, Place},
    render,
};

/// Mails that may wait.
const PLACES: u32 = 1_000;
/// Mails sent at the same time.
const AT_ONCE: usize = 2;
/// How long one try may take.
const TRY_MAX: Duration = Duration::from_secs(30);
/// Pauses between tries; after the last try the mail is given up. A link that works for half an hour need not come later.
const PAUSES: [Duration; 5] =
    [Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(240), Duration::from_secs(600)];

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's URL, with its password.
    pub url: SecretString,
    /// Whom mails come from: `Mission Control <mc@example.org>`.
    pub from: String,
    /// A certificate authority to trust beside the system's, in PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// The name we greet with: our own host.
    pub greeting: String,
}

/// The queue has no place for another mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many mails wait to be sent: try again later")]
pub struct QueueFull;

/// Sends mails. Cheap to clone; without settings it sends none and says so.
#[derive(Clone)]
pub struct Mailer(Option<Arc<Queue>>);

struct Queue {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    pauses: Vec<Duration>,
    places: Arc<Semaphore>,
    turns: Semaphore,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("on", &self.is_on()).finish()
    }
}

impl Mailer {
    /// One that sends nothing: no server is configured.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// One that sends as told. Nothing is connected before the first mail.
    ///
    /// # Errors
    /// [`BadPlace`] when the settings make no sense.
    pub fn new(settings: &Settings) -> Result<Self, BadPlace> {
        Self::patient(settings, &PAUSES)
    }

    /// The same with other pauses between tries.
    ///
    /// # Errors
    /// [`BadPlace`] when the settings make no sense.
    pub fn patient(settings: &Settings, pauses: &[Duration]) -> Result<Self, BadPlace> {
        let place = Place::parse(settings.url.expose_secret())?;
        let from: Mailbox =
            settings.from.parse().map_err(|_| BadPlace("`from` must be an address such as Mission Control <mc@example.org>"))?;
        Ok(Self(Some(Arc::new(Queue {
            transport: transport(place, settings)?,
            from,
            pauses: pauses.to_vec(),
            places: Arc::new(Semaphore::new(usize::try_from(PLACES).unwrap_or(1))),
            turns: Semaphore::new(AT_ONCE),
        }))))
    }

    /// Whether mails are sent at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Puts a mail into the queue and returns at once. Without a server it is dropped.
    ///
    /// # Errors
    /// [`QueueFull`].
    pub fn send(&self, mail: &Mail) -> Result<(), QueueFull> {
        let Some(queue) = &self.0 else { return Ok(()) };
        let place = Arc::clone(&queue.places).try_acquire_owned().map_err(|_| QueueFull)?;
        match queue.message(mail) {
            Ok(message) => drop(tokio::spawn(deliver(Arc::clone(queue), message, place))),
            Err(error) => tracing::error!(%error, "a mail could not be put together"),
        }
        Ok(())
    }

    /// Waits until no mail waits any more, or so long. For the end of the process, and for tests.
    pub async fn settle(&self, within: Duration) {
        if let Some(queue) = &self.0
            && timeout(within, queue.places.acquire_many(PLACES)).await.is_err()
        {
            let waiting = usize::try_from(PLACES).unwrap_or(0).saturating_sub(queue.places.available_permits());
            tracing::warn!(waiting, "some mails were not sent before the end");
        }
    }
}

impl Queue {
    fn message(&self, mail: &Mail) -> Result<Message, lettre::error::Error> {
        let to = mail.to.as_str().parse().map_err(|_| lettre::error::Error::MissingTo)?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(render::subject(mail))
            .message_id(None)
            .multipart(MultiPart::alternative_plain_html(render::text(mail), render::html(mail)))
    }
}

fn transport(place: Place, settings: &Settings) -> Result<AsyncSmtpTransport<Tokio1Executor>, BadPlace> {
    let tls = match place.encryption {
        Encryption::None => Tls::None,
        encryption => {
            let mut parameters = TlsParameters::builder(place.host.clone());
            if let Some(pem) = &settings.ca_pem {
                let authority = Certificate::from_pem(pem).map_err(|_| BadPlace("the certificate authority's file is no PEM"))?;
                parameters = parameters.add_root_certificate(authority);
            }
            let parameters = parameters.build().map_err(|_| BadPlace("TLS cannot be set up: the system has no trusted certificates"))?;
            if encryption == Encryption::Wrapped { Tls::Wrapper(parameters) } else { Tls::Required(parameters) }
        }
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&place.host)
        .port(place.port)
        .tls(tls)
        .hello_name(ClientId::Domain(settings.greeting.clone()))
        .timeout(Some(TRY_MAX));
    if let Some((user, password)) = place.login {
        builder = builder.credentials(Credentials::new(user, password.expose_secret().to_owned()));
    }
    Ok(builder.build())
}

/// Tries until it is sent, refused for good, or given up. Holds the mail's place all the while.
async fn deliver(queue: Arc<Queue>, message: Message, _place: OwnedSemaphorePermit) {
    let mut pauses = queue.pauses.iter();
    loop {
        let Ok(turn) = queue.turns.acquire().await else { return };
        let outcome = timeout(TRY_MAX * 2, queue.transport.send(message.clone())).await;
        drop(turn);
        let why = match outcome {
            Ok(Ok(_)) => return tracing::info!("a mail was sent"),
            Ok(Err(error)) if error.is_permanent() => {
                let code = error.status().map(|code| code.to_string()).unwrap_or_default();
                return tracing::error!(code, "the mail server refuses a mail for good: check mail.from and the SMTP login");
            }
            Ok(Err(error)) => kind(&error),
            Err(_) => "no answer in time",
        };
        let Some(pause) = pauses.next() else {
            return tracing::error!(why, "a mail was given up: the mail server could not be reached or would not take it");
        };
        tracing::warn!(why, again_in = ?pause, "a mail waits: the mail server does not take it");
        sleep(*pause).await;
    }
}

/// What kind of failure it was. The server's own words may repeat addresses, so they stay out of the log.
fn kind(error: &lettre::transport::smtp::Error) -> &'static str {
    if error.is_tls() {
        "TLS failed: does the server's certificate name its host, and is its authority trusted?"
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_transient() {
        "the server said to try later"
    } else if error.is_client() {
        "the server offers no way we accept: STARTTLS or a login is missing"
    } else {
        "the connection failed"
    }
}
