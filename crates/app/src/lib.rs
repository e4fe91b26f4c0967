//! What Mission Control does.
//!
//! One folder a capability, one file a noun. A function loads, asks the gate, decides, stores (one transaction with its audit row) and
//! announces, in that order. Nothing here knows HTTP, gRPC or the command line: `mc-server` translates.

pub mod access;
pub mod audit;
pub mod change;
pub mod error;
pub mod fleet;
pub mod identity;
pub mod kube;
pub mod rotation;
pub mod seal;
pub mod secret;
pub mod settings;
mod shared_keys;
pub mod tasks;
pub mod terminals;
pub mod trust;

use std::{path::Path, sync::Arc};

pub use change::Change;
pub use error::AppError;
use mc_bus::Bus;
use mc_domain::{action::Action, ctx::Ctx, permit::Permitted, time::Clock, time::Time};
use mc_hub::Hub;
use mc_policy::{Gate, Resource};
use mc_store::Store;
pub use settings::Settings;

use crate::{
    access::Access,
    audit::{mirror::Mirrors, recorder::Recorder, witness::Witness},
    fleet::{inventory::Inventory, log::Feeds, open_commands::OpenCommands, writer::Writer},
    identity::{Identity, setup::Setup},
    kube::{cluster::Clusters, exec::Execs},
    trust::Ca,
};

/// How long the end of the process waits for mails that are being sent.
const MAIL_SENT_WITHIN: std::time::Duration = std::time::Duration::from_secs(5);

/// Everything the server does, ready to be called.
pub struct App {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Settings,
    pub(crate) gate: Gate,
    pub(crate) access: Access,
    pub(crate) bus: Bus<Change>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) ca: tokio::sync::watch::Sender<Arc<Ca>>,
    pub(crate) identity: Identity,
    pub(crate) seal: seal::Seal,
    pub(crate) mailer: mc_mail::Mailer,
    pub(crate) setup: Setup,
    pub(crate) inventory: Inventory,
    pub(crate) open: OpenCommands,
    pub(crate) clusters: Clusters,
    pub(crate) execs: Execs,
    pub(crate) live: terminals::live::Live,
    pub(crate) recorder: Recorder,
    pub(crate) witness: Witness,
    pub(crate) mirrors: Mirrors,
    /// The whole audit trail is verified for one caller at a time.
    pub(crate) verifying: tokio::sync::Mutex<()>,
    pub(crate) writer: Writer,
    pub(crate) feeds: Arc<Feeds>,
    pub(crate) started_at: Time,
    pub(crate) warnings: parking_lot::Mutex<std::collections::BTreeMap<&'static str, String>>,
    pub(crate) counters: fleet::counters::Counters,
}

impl App {
    /// Loads keys and the fleet, and makes everything ready. Background work begins with [`tasks::start`].
    ///
    /// # Errors
    /// When a key cannot be read or made, or the database does not answer.
    pub async fn start(settings: Settings, store: Store, clock: Arc<dyn Clock>) -> Result<Arc<Self>, AppError> {
        let now = clock.now();
        let keys = settings.data_dir.join("keys");
        secret::private_dir(&keys)?;
        let ca = tokio::sync::watch::Sender::new(Arc::new(Ca::open(&settings.data_dir, &keys, now)?));
        let identity = Identity::open(&keys, &settings)?;
        let seal = seal::Seal::open_keys(&keys, settings.seal_key.as_ref())?;
        let mailer = match &settings.mail {
            Some(mail) => mc_mail::Mailer::new(mail).map_err(|error| AppError::Invalid(error.to_string()))?,
            None => mc_mail::Mailer::off(),
        };
        let bus = Bus::new();
        let feeds = Arc::new(Feeds::default());
        let inventory = Inventory::load(&store, now, settings.offline_after).await?;
        let gate = Gate::default();
        let app = Arc::new(Self {
            access: Access::load(&store, gate.clone(), now).await?,
            recorder: Recorder::start(store.clone(), bus.clone()),
            witness: Witness::open(&keys, store.audit_head().await?.trail)?,
            mirrors: Mirrors::default(),
            verifying: tokio::sync::Mutex::default(),
            writer: Writer::start(store.clone(), Arc::clone(&feeds)),
            setup: Setup::open(&store).await?,
            open: OpenCommands::load(&store).await?,
            clusters: Clusters::load(&store).await?,
            execs: Execs::default(),
            live: terminals::live::Live::default(),
            hub: Arc::new(Hub::new(settings.timing(), Arc::clone(&clock))),
            gate,
            counters: fleet::counters::Counters::default(),
            started_at: now,
            warnings: parking_lot::Mutex::default(),
            store,
            clock,
            settings,
            bus,
            ca,
            identity,
            seal,
            mailer,
            inventory,
            feeds,
        });
        app.demands_read(now).await?;
        app.recordings_lost(true).await?;
        Ok(app)
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The live streams.
    #[must_use]
    pub const fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// What this server was told at start.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Seals secrets at rest.
    #[must_use]
    pub const fn seal(&self) -> &seal::Seal {
        &self.seal
    }

    /// Counters for `/metrics`.
    #[must_use]
    pub const fn counters(&self) -> &fleet::counters::Counters {
        &self.counters
    }

    /// Says that something is not as it should be, or that it is again.
    pub fn warn(&self, name: &'static str, text: Option<String>) {
        let mut warnings = self.warnings.lock();
        match text {
            Some(text) if warnings.get(name) != Some(&text) => {
                tracing::warn!(warning = name, "{text}");
                warnings.insert(name, text);
            }
            Some(_) => {}
            None if warnings.remove(name).is_some() => tracing::info!(warning = name, "well again"),
            None => {}
        }
    }

    /// What is not as it should be, by name.
    #[must_use]
    pub fn warnings(&self) -> Vec<(&'static str, String)> {
        self.warnings.lock().iter().map(|(name, text)| (*name, text.clone())).collect()
    }

    /// The database.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// When this process began.
    #[must_use]
    pub const fn started_at(&self) -> Time {
        self.started_at
    }

    /// Where keys are kept.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.settings.data_dir
    }

    /// Follows live events from now, or from after `since` (epoch and number).
    ///
    /// # Errors
    /// When the caller may not.
    pub fn event_follow(&self, ctx: &Ctx, since: Option<(&str, u64)>) -> Result<mc_bus::Listener<Change>, AppError> {
        self.permit::<_, mc_domain::action::EventFollow>(ctx, mc_domain::permit::Everything)?;
        Ok(self.bus.listen(since))
    }

    /// Names this run of the server; event numbers count within it.
    #[must_use]
    pub fn event_epoch(&self) -> &str {
        self.bus.epoch()
    }

    /// Waits until what was recorded so far is durable: the last thing before the database is closed.
    pub async fn settle(&self) {
        self.live.settle().await;
        self.recorder.summarise(self.now(), true);
        self.mailer.settle(MAIL_SENT_WITHIN).await;
        self.recorder.settle().await;
    }

    /// How many follow the live events.
    #[must_use]
    pub fn event_listeners(&self) -> usize {
        self.bus.listeners()
    }

    /// Asks the gate, and then what the caller's roles demand beyond it. A denial is audited before it is answered.
    pub(crate) fn permit<T: Resource, A: Action>(&self, ctx: &Ctx, thing: T) -> Result<Permitted<T, A>, AppError> {
        let permitted = self.gate.permit(ctx, thing).map_err(|denied| {
            self.recorder.denied(ctx, &denied);
            AppError::Denied(denied)
        })?;
        self.obligations::<A>(ctx)?;
        Ok(permitted)
    }
}
