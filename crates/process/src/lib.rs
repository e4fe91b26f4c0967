//! Processes: spawn a command in its own process group, read its output as bounded lines, keep it running, stop it.
//!
//! [`supervise`] is the owner of one workload. [`policy`] decides when an ended one is started again and knows no clock and no
//! process. [`group`] reads `/proc` and signals whole groups. [`sandbox`] runs a program that may do next to
//! nothing, [`pty`] gives one a terminal. Nothing here goes through a shell, and nothing here talks to central.

pub mod group;
pub mod lines;
pub mod policy;
pub mod pty;
pub mod run_file;
pub mod sandbox;
pub mod spawn;
pub mod supervise;
pub mod title;

mod owner;
mod phase;
