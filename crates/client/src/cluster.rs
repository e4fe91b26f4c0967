//! Kubernetes clusters, and the short-lived tokens that open their doors.

use http::Method;
use mc_api::{
    cluster::{Cluster, ClusterCredential},
    list::List,
};

use crate::{Client, Result};

impl Client {
    /// The clusters the caller may do anything in.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn cluster_list(&self) -> Result<List<Cluster>> {
        self.fetch(self.call(Method::GET, &["clusters"])).await
    }

    /// One cluster.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn cluster_show(&self, name: &str) -> Result<Cluster> {
        self.fetch(self.call(Method::GET, &["clusters", name])).await
    }

    /// Makes a token that opens this cluster's door as the caller, for a quarter of an hour.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn cluster_credential(&self, name: &str) -> Result<ClusterCredential> {
        self.fetch(self.call(Method::POST, &["clusters", name, "credentials"])).await
    }

    /// Where a Kubernetes client finds this cluster's API.
    #[must_use]
    pub fn cluster_address(&self, name: &str) -> String {
        self.call_at(Method::GET, &["k8s", "clusters", name]).address()
    }
}
