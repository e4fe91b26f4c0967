//! Killing.

use mc_domain::workload::WorkloadState;
use mc_openclaw::GatewayError;

use crate::fake::{Fake, at};

#[tokio::test]
async fn a_killed_gateway_is_gone_when_kill_returns() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway();
    let (killed, ()) = tokio::join!(gateway.kill(), fake.ended());
    killed.unwrap();
    fake.close().await;
    assert_eq!(gateway.observe(at(0)).await.state, WorkloadState::Stopped);
    let again = gateway.kill().await;
    assert!(matches!(again, Err(GatewayError::NotRunning)), "{again:?}");
}

#[tokio::test]
async fn a_zombie_without_a_lock_is_found_and_killed() {
    let mut fake = Fake::stopped().await;
    fake.spawn().await;
    let gateway = fake.gateway();
    let (killed, ()) = tokio::join!(gateway.kill(), fake.ended());
    killed.unwrap();
}
