//! The floors of the house: which crate may import which.
//!
//! The table is `docs/architecture.md` in code. A new edge is a decision about the design, so it is made here, in sight of a reviewer.

use anyhow::Result;
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::root;

/// What one crate may import.
struct Floor {
    /// The crate.
    name: &'static str,
    /// Crates of this workspace that it may import.
    may: &'static [&'static str],
    /// Outside crates that it must never import, because the thing they are for lives in another room.
    never: &'static [&'static str],
}

/// Frameworks of the doors: HTTP and gRPC are translated in `server`, `agent`, `hub` and `wire`, nowhere else.
const DOORS: &[&str] = &["axum", "tonic", "prost", "hyper", "tower-http", "utoipa"];
/// The database is behind `store`.
const DATABASE: &[&str] = &["sea-orm", "sqlx", "libsqlite3-sys"];
/// Neither a door nor the database.
const INSIDE: &[&str] = &["axum", "tonic", "prost", "hyper", "tower-http", "utoipa", "sea-orm", "sqlx", "libsqlite3-sys", "reqwest"];

const FLOORS: &[Floor] = &[
    Floor { name: "mc-domain", may: &[], never: INSIDE },
    Floor { name: "mc-api", may: &["mc-domain"], never: &["axum", "tonic", "sea-orm", "sqlx", "tokio"] },
    Floor { name: "mc-wire", may: &["mc-domain"], never: DATABASE },
    Floor { name: "mc-policy", may: &["mc-domain"], never: INSIDE },
    Floor { name: "mc-trail", may: &["mc-domain"], never: INSIDE },
    Floor { name: "mc-store", may: &["mc-domain", "mc-trail"], never: DOORS },
    Floor { name: "mc-bus", may: &["mc-domain"], never: INSIDE },
    Floor { name: "mc-mail", may: &["mc-domain"], never: INSIDE },
    Floor { name: "mc-hub", may: &["mc-domain", "mc-wire", "mc-bus"], never: &["axum", "sea-orm", "sqlx"] },
    Floor { name: "mc-process", may: &["mc-domain"], never: INSIDE },
    Floor { name: "mc-openclaw", may: &["mc-domain"], never: &["axum", "tonic", "sea-orm", "sqlx"] },
    Floor { name: "mc-oidc", may: &["mc-domain"], never: &["axum", "tonic", "sea-orm", "sqlx"] },
    Floor { name: "mc-kube", may: &["mc-domain"], never: &["axum", "tonic", "prost", "utoipa", "sea-orm", "sqlx", "reqwest"] },
    Floor {
        name: "mc-app",
        may: &[
            "mc-domain",
            "mc-trail",
            "mc-store",
            "mc-policy",
            "mc-bus",
            "mc-hub",
            "mc-mail",
            "mc-process",
            "mc-oidc",
            "mc-openclaw",
            "mc-kube",
        ],
        never: &["axum", "tonic", "prost", "utoipa", "sea-orm", "sqlx"],
    },
    Floor {
        name: "mc-server",
        may: &["mc-app", "mc-api", "mc-wire", "mc-domain", "mc-hub", "mc-bus", "mc-mail", "mc-store", "mc-policy", "mc-trail"],
        never: DATABASE,
    },
    Floor {
        name: "mc-agent",
        may: &["mc-domain", "mc-wire", "mc-process", "mc-openclaw", "mc-kube"],
        never: &["axum", "sea-orm", "sqlx", "utoipa"],
    },
    Floor { name: "mc-client", may: &["mc-api", "mc-domain"], never: &["axum", "tonic", "sea-orm", "sqlx"] },
    Floor {
        name: "mc-cli",
        may: &["mc-client", "mc-api", "mc-domain", "mc-trail"],
        never: &["axum", "tonic", "sea-orm", "sqlx", "reqwest"],
    },
    Floor {
        name: "mc-bench",
        may: &["mc-client", "mc-api", "mc-domain", "mc-wire", "mc-policy", "mc-store", "mc-testkit"],
        never: &["axum", "sea-orm", "sqlx"],
    },
    Floor {
        name: "mc-testkit",
        may: &[
            "mc-client",
            "mc-api",
            "mc-domain",
            "mc-trail",
            "mc-wire",
            "mc-store",
            "mc-policy",
            "mc-bus",
            "mc-hub",
            "mc-process",
            "mc-openclaw",
        ],
        never: &[],
    },
    Floor { name: "xtask", may: &[], never: INSIDE },
];

/// Tests may also import these; programs may not import `mc-testkit` at all.
const TESTS_MAY: &[&str] = &["mc-testkit", "mc-client", "mc-api", "mc-domain"];

/// Every edge that the table does not allow, in words.
pub(crate) fn check() -> Result<Vec<String>> {
    let metadata = MetadataCommand::new().manifest_path(root()?.join("Cargo.toml")).no_deps().exec()?;
    let mut findings = Vec::new();
    for package in &metadata.packages {
        match FLOORS.iter().find(|floor| floor.name == package.name.as_str()) {
            Some(floor) => findings.extend(wrong_edges(floor, package)),
            None => findings
                .push(format!("{} is not in the table of floors: add it to xtask/src/edges.rs with what it may import", package.name)),
        }
    }
    Ok(findings)
}

fn wrong_edges(floor: &Floor, package: &Package) -> Vec<String> {
    let edges = package.dependencies.iter().map(|dependency| (dependency.name.as_str(), dependency.kind, dependency.path.is_some()));
    edges.filter_map(|(name, kind, ours)| wrong_edge(floor, name, kind, ours)).collect()
}

fn wrong_edge(floor: &Floor, name: &str, kind: DependencyKind, ours: bool) -> Option<String> {
    let test = kind == DependencyKind::Development;
    let allowed = if ours {
        floor.may.contains(&name) || (test && TESTS_MAY.contains(&name))
    } else {
        // Tests may speak to a program through its own door, and build time is not run time.
        kind != DependencyKind::Normal || !floor.never.contains(&name)
    };
    (!allowed).then(|| format!("{} must not import {name}; architecture.md says what each room may", floor.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor(name: &str) -> &'static Floor {
        FLOORS.iter().find(|floor| floor.name == name).unwrap()
    }

    #[test]
    fn the_workspace_keeps_to_its_floors() {
        assert_eq!(check().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_floor_names_only_crates_that_exist() {
        for name in FLOORS.iter().flat_map(|floor| floor.may) {
            assert!(FLOORS.iter().any(|floor| floor.name == *name), "{name}");
        }
    }

    #[test]
    fn a_wrong_edge_is_found() {
        assert!(wrong_edge(floor("mc-agent"), "mc-store", DependencyKind::Normal, true).is_some());
        assert!(wrong_edge(floor("mc-agent"), "mc-wire", DependencyKind::Normal, true).is_none());
        assert!(wrong_edge(floor("mc-app"), "axum", DependencyKind::Normal, false).is_some());
    }

    #[test]
    fn only_tests_import_the_testkit() {
        assert!(wrong_edge(floor("mc-server"), "mc-testkit", DependencyKind::Normal, true).is_some());
        assert!(wrong_edge(floor("mc-server"), "mc-testkit", DependencyKind::Development, true).is_none());
    }
}
