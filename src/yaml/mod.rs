//! YAML text to a tree in which every node knows its line, and back. Read the way Kubernetes reads it.
//!
//! No manifest and no answers file is ever written by a serde emitter: those leave `on`, `no` and `n` unquoted,
//! and the API server then reads booleans. See [`scalar`].

pub mod emit;
pub mod node;
pub mod read;
pub mod resolve;
pub mod scalar;
