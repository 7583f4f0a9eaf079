//! A few answers in, a hardened and verified deployment out. One line, left to right, all of it pure:
//!
//! ```text
//!  preset ──┐
//!  answers ─┼─► resolve ─► ServiceSpec ─► plan ─► Plan ─► render ─► FileSet ─► verify ─► VerifiedFileSet
//!  flags ───┤                                                                                │
//!  detected ┘                             files on disk, as text ──► reconcile(base, disk, new)
//!                                                                                            ▼
//!                                                                                        ChangeSet
//! ```
//!
//! Only the binary reads and writes; this library sees text and returns text. A clippy fence holds that.
#![deny(clippy::disallowed_methods, clippy::disallowed_types, clippy::disallowed_macros)]

pub mod answers;
pub mod build;
pub mod cases;
pub mod detect;
pub mod dockerfile;
pub mod editors;
pub mod explain;
pub mod generate;
pub mod interview;
pub mod kubernetes;
pub mod lock;
pub mod manifest;
pub mod merge;
pub mod netpol;
pub mod origins;
pub mod pack;
mod parallel;
pub mod plan;
pub mod preset;
pub mod problem;
pub mod questions;
pub mod reconcile;
pub mod render;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod scanners;
pub mod schema;
pub mod selector;
pub mod spec;
pub mod templates;
pub mod upgrade;
pub mod verify;
pub mod yaml;
