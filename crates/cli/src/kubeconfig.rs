//! A kubeconfig as a document: entries of ours are put into it, everything else stays as it is.
//!
//! Keys and values that are not known here are kept; comments and the order of keys are not. How the file is locked and written is in
//! `kubeconfig/file.rs`.

pub(crate) mod file;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// The name that a cluster has in a kubeconfig.
pub(crate) fn entry_name(cluster: &str) -> String {
    format!("mc-{cluster}")
}

/// The program that Kubernetes clients ask for a token.
#[derive(Debug, Clone)]
pub(crate) struct Plugin {
    /// Its full path.
    pub(crate) command: String,
    /// What it is told.
    pub(crate) arguments: Vec<String>,
    /// Variables that it needs beside its caller's.
    pub(crate) environment: Vec<(String, String)>,
    /// What to do when it is not there.
    pub(crate) hint: String,
}

/// A cluster behind the server's door: cluster, user and context, all of one name.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The entry's name.
    pub(crate) name: String,
    /// The door.
    pub(crate) server: String,
    /// Whom to trust there, as PEM; `None`: the operating system's authorities.
    pub(crate) authority: Option<String>,
    /// Who makes its tokens.
    pub(crate) plugin: Plugin,
}

impl Entry {
    fn cluster(&self, was: Option<&Value>) -> Value {
        let mut cluster = was.and_then(Value::as_object).cloned().unwrap_or_default();
        for replaced in ["certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify", "tls-server-name"] {
            cluster.remove(replaced);
        }
        cluster.insert("server".into(), self.server.as_str().into());
        if let Some(authority) = &self.authority {
            cluster.insert("certificate-authority-data".into(), STANDARD.encode(authority).into());
        }
        cluster.into()
    }

    fn user(&self) -> Value {
        let Plugin { command, arguments, environment, hint } = &self.plugin;
        let mut exec = json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": command,
            "args": arguments,
            "interactiveMode": "Never",
            "provideClusterInfo": false,
            "installHint": hint,
        });
        if let Some(exec) = exec.as_object_mut().filter(|_| !environment.is_empty()) {
            let variables = environment.iter().map(|(name, value)| json!({ "name": name, "value": value }));
            exec.insert("env".into(), variables.collect());
        }
        // Nothing of a former user stays: another way to log in would go first.
        json!({ "exec": exec })
    }

    /// The namespace that was chosen stays.
    fn context(&self, was: Option<&Value>) -> Value {
        let mut context = was.and_then(Value::as_object).cloned().unwrap_or_default();
        context.insert("cluster".into(), self.name.as_str().into());
        context.insert("user".into(), self.name.as_str().into());
        context.into()
    }
}

/// A kubeconfig.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kubeconfig(Map<String, Value>);

impl Default for Kubeconfig {
    fn default() -> Self {
        let empty = json!({ "apiVersion": "v1", "kind": "Config", "clusters": [], "contexts": [], "users": [], "current-context": "" });
        Self(empty.as_object().cloned().unwrap_or_default())
    }
}

impl Kubeconfig {
    /// Reads one; an empty text is an empty one. It may hold credentials, so an error quotes nothing of it.
    ///
    /// # Errors
    /// Why it cannot be read, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let options = serde_saphyr::options! { legacy_octal_numbers: true };
        match serde_saphyr::from_str_with_options::<Value>(text, options) {
            Ok(Value::Null) => Ok(Self::default()),
            Ok(Value::Object(document)) => Ok(Self(document)),
            Ok(_) => Err("it is no kubeconfig".into()),
            Err(error) => {
                let place = error.location().map(|place| format!(" near line {}", place.line())).unwrap_or_default();
                Err(format!("it is not valid YAML{place}"))
            }
        }
    }

    /// As YAML.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn to_yaml(&self) -> Result<String, String> {
        // Other readers take plain words such as `on` for something else than a text.
        let options = serde_saphyr::ser_options! { quote_all: true };
        serde_saphyr::to_string_with_options(&self.0, options).map_err(|error| error.to_string())
    }

    /// As JSON.
    pub(crate) fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// The context that is used when none is named.
    pub(crate) fn current(&self) -> Option<&str> {
        self.0.get("current-context").and_then(Value::as_str).filter(|name| !name.is_empty())
    }

    /// Makes this the context that is used when none is named.
    pub(crate) fn set_current(&mut self, name: &str) {
        self.0.insert("current-context".into(), name.into());
    }

    /// Puts an entry in, in place of the one of that name. Answers which other server that one led to.
    ///
    /// # Errors
    /// When the document is not built as a kubeconfig is; it is unchanged then.
    pub(crate) fn put(&mut self, entry: &Entry) -> Result<Option<String>, String> {
        let mut next = self.clone();
        let was = next.part("clusters", "cluster", &entry.name, |was| entry.cluster(was))?;
        next.part("users", "user", &entry.name, |_| entry.user())?;
        next.part("contexts", "context", &entry.name, |was| entry.context(was))?;
        for (key, value) in [("apiVersion", "v1"), ("kind", "Config")] {
            if !next.0.get(key).is_some_and(Value::is_string) {
                next.0.insert(key.into(), value.into());
            }
        }
        *self = next;
        let server = was.as_ref().and_then(|cluster| cluster.get("server")).and_then(Value::as_str);
        Ok(server.filter(|server| *server != entry.server).map(str::to_owned))
    }

    /// Replaces what is named `name` in a list, or adds it; answers what was there.
    fn part(&mut self, list: &str, key: &str, name: &str, make: impl FnOnce(Option<&Value>) -> Value) -> Result<Option<Value>, String> {
        let entries = self.0.entry(list).or_insert(Value::Null);
        if entries.is_null() {
            *entries = Value::Array(Vec::new());
        }
        let entries = entries.as_array_mut().ok_or_else(|| format!("its {list} are no list"))?;
        let known =
            entries.iter_mut().filter_map(Value::as_object_mut).find(|entry| entry.get("name").and_then(Value::as_str) == Some(name));
        match known {
            Some(known) => {
                let made = make(known.get(key));
                Ok(known.insert(key.into(), made))
            }
            None => {
                entries.push(json!({ "name": name, key: make(None) }));
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests;
