//! A project with every choice made, in types that cannot hold a wrong value. Built only by [`crate::resolve`].

pub mod image;
pub mod name;
pub mod network;
pub mod number;
pub mod pack;
pub mod path;
pub mod probe;
pub mod quantity;
pub mod scalar;
pub mod schedule;
pub mod service;
pub mod word;
