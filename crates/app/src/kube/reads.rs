//! Reads through the door, summarised for the audit trail: one entry for each caller, kind of object, namespace and minute.

use std::collections::HashMap;

use futures::{StreamExt as _, stream};
use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    time::Time,
};
use mc_policy::KubernetesAttributes;
use parking_lot::Mutex;

use crate::{App, error::AppError};

/// Kinds of reads that are counted apart in one minute; past this, a caller's reads are counted together.
const APART_MAX: usize = 10_000;
/// Entries on their way to the trail at once.
const AT_ONCE: usize = 64;

/// What was read since the last summary.
#[derive(Debug, Default)]
pub(crate) struct Reads(Mutex<HashMap<Key, Tally>>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// The caller and how they came: `user:ID`, with the login or token.
    who: String,
    cluster: String,
    /// `list pods in namespace app`; empty for all that could not be counted apart.
    what: String,
}

#[derive(Debug)]
struct Tally {
    /// The first of them, whose correlation id the entry has.
    ctx: Ctx,
    count: u64,
    last: Time,
}

impl Reads {
    fn count(&self, ctx: &Ctx, asked: &KubernetesAttributes) {
        let who = format!("{}:{}", ctx.actor.kind().as_str(), ctx.actor.name());
        let mut key = Key { who, cluster: asked.cluster.clone(), what: what(asked) };
        let mut all = self.0.lock();
        if all.len() >= APART_MAX && !all.contains_key(&key) {
            key.what.clear();
        }
        let tally = all.entry(key).or_insert_with(|| Tally { ctx: ctx.clone(), count: 0, last: ctx.now });
        tally.count += 1;
        tally.last = ctx.now;
    }
}

/// `list pods in namespace app`: not of which name, so that what is looked at one by one is one entry.
fn what(asked: &KubernetesAttributes) -> String {
    let group = if asked.api_group.is_empty() { String::new() } else { format!(".{}", asked.api_group) };
    let part = if asked.subresource.is_empty() { String::new() } else { format!("/{}", asked.subresource) };
    // Whether what is named without a namespace is in all of them or in none, only the cluster knows.
    let place = if asked.namespace.is_empty() { String::new() } else { format!(" in namespace {}", asked.namespace) };
    format!("{} {}{group}{part}{place}", asked.verb, asked.resource)
}

impl App {
    /// Counts a read that was let through.
    pub(super) fn kube_read(&self, ctx: &Ctx, asked: &KubernetesAttributes) {
        self.clusters.reads.count(ctx, asked);
    }

    /// Writes down what was read since the last time.
    pub(crate) async fn kube_reads_summarise(&self) -> Result<(), AppError> {
        let all = std::mem::take(&mut *self.clusters.reads.0.lock());
        let written = stream::iter(all)
            .map(|(key, tally)| async move {
                let what = if key.what.is_empty() { "reads of many kinds".to_owned() } else { key.what };
                let requests = if tally.count == 1 { "1 request".to_owned() } else { format!("{} requests", tally.count) };
                let entry = AuditEntry::new(&tally.ctx, tally.last, "kube_read", AuditResult::Ok)
                    .on("cluster", &key.cluster, &key.cluster)
                    .detail(format!("{what}: {requests}"));
                self.recorder.record(entry).await
            })
            .buffer_unordered(AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        written.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(verb: &str, namespace: &str, name: &str) -> KubernetesAttributes {
        KubernetesAttributes {
            cluster: "dev".to_owned(),
            namespace: namespace.to_owned(),
            every_namespace: namespace.is_empty(),
            resource: "pods".to_owned(),
            verb: verb.to_owned(),
            name: name.to_owned(),
            ..KubernetesAttributes::default()
        }
    }

    #[test]
    fn reads_of_a_kind_are_counted_together_and_bounded() {
        let (reads, ctx) = (Reads::default(), Ctx::system(Time::from_micros(1)));
        for name in ["a", "b", "c"] {
            reads.count(&ctx, &asked("get", "app", name));
        }
        reads.count(&ctx, &asked("list", "", ""));
        let counts: HashMap<String, u64> = reads.0.lock().iter().map(|(key, tally)| (key.what.clone(), tally.count)).collect();
        assert_eq!(counts.get("get pods in namespace app"), Some(&3));
        assert_eq!(counts.get("list pods"), Some(&1));
        for number in 0..2 * APART_MAX {
            reads.count(&ctx, &asked("get", &format!("n{number}"), "a"));
        }
        let all = reads.0.lock();
        assert_eq!(all.len(), APART_MAX + 1, "those past the bound are one");
        assert_eq!(all.values().map(|tally| tally.count).sum::<u64>(), 4 + 2 * APART_MAX as u64, "and none is lost");
    }
}
