//! What is read of an object in JSON to judge it, and what is written anew of what stands around objects.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::filter::{FilterError, Sight};

/// An object's name and namespace.
#[derive(Debug, Default, Deserialize)]
struct Meta {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    namespace: Option<String>,
}

/// As much as is read of an object.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Object {
    #[serde(default)]
    kind: Option<String>,
    #[serde(default, rename = "apiVersion")]
    api_version: Option<String>,
    #[serde(default)]
    metadata: Option<Meta>,
}

impl Object {
    pub(super) fn read(json: &[u8]) -> Result<Self, FilterError> {
        if json.first() != Some(&b'{') {
            return Err(FilterError::Malformed("an object"));
        }
        serde_json::from_slice(json).map_err(|_| FilterError::Malformed("an object"))
    }

    /// Whether it is a table, which has objects in its rows.
    pub(super) fn is_table(&self) -> bool {
        let of_meta = |version: &String| version.starts_with("meta.k8s.io/");
        self.kind.as_deref() == Some("Table") && self.api_version.as_ref().is_some_and(of_meta)
    }

    /// Whether it is the server's own word on what went wrong.
    pub(super) fn is_status(&self) -> bool {
        self.kind.as_deref() == Some("Status") && self.api_version.as_deref() == Some("v1")
    }

    fn name(&self) -> &str {
        self.metadata.as_ref().and_then(|meta| meta.name.as_deref()).unwrap_or_default()
    }

    /// Whether it has no name, so that it is no object of anybody.
    pub(super) fn is_nameless(&self) -> bool {
        self.name().is_empty()
    }

    pub(super) fn is_seen(&self, sight: &impl Sight) -> Result<bool, FilterError> {
        if self.is_nameless() {
            return Err(FilterError::Unjudgeable("an object has no name"));
        }
        let namespace = self.metadata.as_ref().and_then(|meta| meta.namespace.as_deref()).unwrap_or_default();
        Ok(sight.sees(namespace, self.name()))
    }
}

/// As much as is read of a row.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    #[serde(default)]
    pub(super) object: Option<Object>,
}

impl Row {
    pub(super) fn read(json: &[u8]) -> Result<Self, FilterError> {
        serde_json::from_slice(json).map_err(|_| FilterError::Malformed("a row of a table"))
    }

    pub(super) fn is_seen(&self, sight: &impl Sight) -> Result<bool, FilterError> {
        self.object
            .as_ref()
            .ok_or(FilterError::Unjudgeable("a row says not which object it is about; ask without includeObject=None"))?
            .is_seen(sight)
    }
}

/// What a list says of itself; what counts the hidden is not among it.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct ListMeta {
    #[serde(default, rename = "selfLink", skip_serializing_if = "Option::is_none")]
    self_link: Option<String>,
    #[serde(default, rename = "resourceVersion", skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
    #[serde(default, rename = "continue", skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl ListMeta {
    /// Reads it and writes it anew.
    pub(super) fn written(json: &[u8]) -> Result<Vec<u8>, FilterError> {
        let meta: Option<Self> = serde_json::from_slice(json).map_err(|_| FilterError::Malformed("the metadata of a list"))?;
        serde_json::to_vec(&meta.unwrap_or_default()).map_err(|_| FilterError::Malformed("the metadata of a list"))
    }
}

/// A table that came whole, as in an event.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Table<'a> {
    kind: String,
    #[serde(rename = "apiVersion")]
    api_version: String,
    #[serde(default)]
    metadata: Option<ListMeta>,
    #[serde(default, borrow, rename = "columnDefinitions")]
    pub(super) columns: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) rows: Option<Vec<&'a RawValue>>,
}

impl<'a> Table<'a> {
    pub(super) fn read(json: &'a RawValue) -> Result<Self, FilterError> {
        serde_json::from_str(json.get()).map_err(|_| FilterError::Malformed("a table"))
    }

    /// Whether it says what its columns are.
    pub(super) fn has_columns(&self) -> bool {
        self.columns.is_some_and(|columns| !matches!(columns.get(), "null" | "[]"))
    }
}
