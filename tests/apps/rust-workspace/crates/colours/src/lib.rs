//! Names of colours.

pub const ALL: [&str; 3] = ["red", "green", "blue"];
