//! The store, over SQLite and PostgreSQL: every test runs on both unless it is about one of them.

/// Runs each of the module's functions as a test on both engines, each on a database of its own.
#[cfg(test)]
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(&$crate::support::TestStore::sqlite().await).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(&$crate::support::TestStore::postgres().await).await;
                }
            )+
        }
    };
}

#[cfg(test)]
mod access_request;
#[cfg(test)]
mod agent;
#[cfg(test)]
mod api_token;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod command;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod join_token;
#[cfg(test)]
mod metric;
#[cfg(test)]
mod open;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod role;
#[cfg(test)]
mod role_assignment;
#[cfg(test)]
mod second_factor;
#[cfg(test)]
mod session;
#[cfg(test)]
mod shared_key;
#[cfg(test)]
mod support;
#[cfg(test)]
mod telemetry;
#[cfg(test)]
mod trail;
#[cfg(test)]
mod trail_begin;
#[cfg(test)]
mod user;
