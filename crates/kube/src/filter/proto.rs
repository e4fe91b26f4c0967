//! Answers in protobuf: Kubernetes' envelope and the few fields in it that are needed to judge an object.
//!
//! Source of the layouts: the `generated.proto` files of `k8s.io/apimachinery` and `k8s.io/api`.

pub(super) mod layout;
pub(super) mod list;
mod object;
pub(super) mod watch;
mod wire;
