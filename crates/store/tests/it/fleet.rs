//! The fleet's history.

use mc_store::FleetPoint;

use crate::support::{TestStore, at};

on_both_engines!(history);

async fn history(store: &TestStore) {
    for minute in 0..4 {
        store.fleet_point_insert(at(minute * 300), 10, 2, 1, 0).await.unwrap();
    }
    store.fleet_point_insert(at(600), 9, 3, 1, 4).await.unwrap();
    let points = store.fleet_history(at(300)).await.unwrap();
    assert_eq!(points.iter().map(|point| point.at).collect::<Vec<_>>(), [at(300), at(600), at(900)]);
    assert_eq!(points[1], FleetPoint { at: at(600), online: 9, degraded: 3, offline: 1, stopped: 4 });
    store.fleet_prune(at(600)).await.unwrap();
    assert_eq!(store.fleet_history(at(0)).await.unwrap().len(), 2);
}
