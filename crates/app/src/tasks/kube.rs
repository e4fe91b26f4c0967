//! Reads of clusters reach the audit trail every minute.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct KubeReads;

impl Task for KubeReads {
    const NAME: &'static str = "kube_reads";
    const EVERY: Duration = Duration::from_secs(60);
    const AT_END: bool = true;

    async fn run(&self, app: &App) -> Result<(), AppError> {
        app.kube_reads_summarise().await
    }
}
