//! Identity providers.

use mc_domain::{
    action,
    audit::AuditEntry,
    id::ProviderId,
    name::ProviderName,
    permit::{Everything, Permitted},
    provider::{FactorTrust, Provider},
    time::Time,
};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    role::must_exist,
    sql::{Row, Sql, json},
};

/// The most providers there can be.
const PROVIDERS_MAX: u64 = 50;

/// What becomes of a provider's sealed secret when it is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretChange {
    /// It stays.
    Keep,
    /// It is replaced by this, sealed.
    Set(String),
    /// It is removed.
    Remove,
}

impl Store {
    /// All providers by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn provider_list(&self, _proof: &Permitted<Everything, action::ProviderList>) -> Result<Vec<Provider>, StoreError> {
        let rows = self.main.all(Sql::new("SELECT * FROM provider ORDER BY name")).await?;
        rows.iter().map(read).collect()
    }

    /// Providers that people can log in by, by name: anybody may know them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn provider_buttons(&self) -> Result<Vec<Provider>, StoreError> {
        let rows = self.main.all(Sql::new("SELECT * FROM provider WHERE enabled = 1 ORDER BY name")).await?;
        rows.iter().map(read).collect()
    }

    /// The names of providers that must prove a second factor where a role demands one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn provider_proving(&self) -> Result<Vec<ProviderName>, StoreError> {
        let sql = Sql::new("SELECT name FROM provider WHERE second_factor = $1").bind(FactorTrust::Proved.as_str());
        self.main.all(sql).await?.iter().map(|row| row.parse("name")).collect()
    }

    /// A provider by its name, with its sealed secret.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn provider_by_name(&self, name: &ProviderName) -> Result<Option<(Provider, Option<String>)>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM provider WHERE name = $1").bind(name.as_str())).await?;
        row.map(|row| Ok((read(&row)?, row.get("client_secret")?))).transpose()
    }

    /// A provider by its id, with its sealed secret.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn provider_by_id(&self, id: ProviderId) -> Result<Option<(Provider, Option<String>)>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM provider WHERE id = $1").bind(id.0)).await?;
        row.map(|row| Ok((read(&row)?, row.get("client_secret")?))).transpose()
    }

    /// Keeps a new provider.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], or [`StoreError::Conflict`] when there are too many.
    pub async fn provider_insert(
        &self,
        _proof: &Permitted<Everything, action::ProviderCreate>,
        provider: &Provider,
        secret: Option<&str>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let count = tx.first(Sql::new("SELECT COUNT(*) AS total FROM provider")).await?;
        if count.map_or(Ok(0), |row| row.count("total"))? >= PROVIDERS_MAX {
            return Err(StoreError::Conflict("there are too many identity providers: remove one first"));
        }
        roles_exist(&mut tx, provider).await?;
        let sql = Sql::new(
            "INSERT INTO provider (id, name, label, kind, issuer, client_id, scopes, groups_claim, role_rules, default_role, provisioning, \
             second_factor, ca_pem, graph_url, enabled, updated_at, client_secret, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        );
        let sql = bind(sql, provider)?.bind(secret.map(str::to_owned)).bind(provider.created_at);
        tx.run(sql).await.map_err(StoreError::name_taken)?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Changes a provider. A disabled one's sessions end; with another issuer, accounts there are other people's, so links end too.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn provider_update(
        &self,
        old: &Permitted<Provider, action::ProviderUpdate>,
        new: &Provider,
        secret: &SecretChange,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        roles_exist(&mut tx, new).await?;
        let sql = Sql::new(
            "UPDATE provider SET name = $2, label = $3, kind = $4, issuer = $5, client_id = $6, scopes = $7, groups_claim = $8, \
             role_rules = $9, default_role = $10, provisioning = $11, second_factor = $12, ca_pem = $13, graph_url = $14, enabled = $15, \
             updated_at = $16 WHERE id = $1",
        );
        tx.run_found(bind(sql, new)?).await?;
        let secret = match secret {
            SecretChange::Keep => None,
            SecretChange::Set(sealed) => Some(Some(sealed.clone())),
            SecretChange::Remove => Some(None),
        };
        if let Some(secret) = secret {
            tx.run(Sql::new("UPDATE provider SET client_secret = $2 WHERE id = $1").bind(new.id.0).bind(secret)).await?;
        }
        if old.issuer != new.issuer {
            tx.run(Sql::new("DELETE FROM identity_link WHERE provider_id = $1").bind(new.id.0)).await?;
        }
        if old.issuer != new.issuer || old.client_id != new.client_id || !new.enabled {
            sessions_end(&mut tx, new.id, new.updated_at).await?;
        }
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Removes a provider with its links, and ends its sessions. The users stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn provider_delete(
        &self,
        provider: &Permitted<Provider, action::ProviderDelete>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        sessions_end(&mut tx, provider.id, now).await?;
        tx.run_found(Sql::new("DELETE FROM provider WHERE id = $1").bind(provider.id.0)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }
}

/// Ends every session that hangs on a provider.
async fn sessions_end(tx: &mut Tx, id: ProviderId, now: Time) -> Result<(), StoreError> {
    let sql = Sql::new(
        "UPDATE session SET revoked_at = $2 WHERE revoked_at IS NULL AND id IN (SELECT session_id FROM oidc_session WHERE provider_id = $1)",
    );
    tx.run(sql.bind(id.0).bind(now)).await.map(drop)
}

/// The roles its rules give are there, and stay until the transaction ends.
async fn roles_exist(tx: &mut Tx, provider: &Provider) -> Result<(), StoreError> {
    for role in provider.role_rules.iter().map(|rule| &rule.role).chain(&provider.default_role) {
        must_exist(tx, role).await?;
    }
    Ok(())
}

/// The sixteen parameters that a new and a changed provider have in common.
fn bind(sql: Sql, provider: &Provider) -> Result<Sql, StoreError> {
    let sql = sql.bind(provider.id.0).bind(provider.name.as_str()).bind(&provider.label).bind(provider.kind.as_str());
    let sql = sql.bind(&provider.issuer).bind(&provider.client_id).bind(json(&provider.scopes)?).bind(&provider.groups_claim);
    let sql = sql.bind(json(&provider.role_rules)?).bind(provider.default_role.as_ref().map(|role| role.as_str()));
    let sql = sql.bind(provider.provisioning.as_str()).bind(provider.second_factor.as_str()).bind(provider.ca_pem.clone());
    Ok(sql.bind(provider.graph_url.clone()).bind(provider.enabled).bind(provider.updated_at))
}

fn read(row: &Row) -> Result<Provider, StoreError> {
    let role: Option<String> = row.get("default_role")?;
    Ok(Provider {
        id: ProviderId(row.id("id")?),
        name: row.parse("name")?,
        label: row.text("label")?,
        kind: row.parse("kind")?,
        issuer: row.text("issuer")?,
        client_id: row.text("client_id")?,
        has_secret: row.get::<Option<String>>("client_secret")?.is_some(),
        scopes: row.json("scopes")?,
        groups_claim: row.text("groups_claim")?,
        role_rules: row.json("role_rules")?,
        default_role: role.map(|role| role.parse().map_err(|_| StoreError::unreadable("role"))).transpose()?,
        provisioning: row.parse("provisioning")?,
        second_factor: row.parse("second_factor")?,
        ca_pem: row.get("ca_pem")?,
        graph_url: row.get("graph_url")?,
        enabled: row.int("enabled")? != 0,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
