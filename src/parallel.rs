//! Many independent things on every core.

use rayon::prelude::*;

/// Fewer than this are done before other threads are awake, whose memory would cost more than they save.
const WORTH_IT: usize = 64;

/// Results in the order of `items`, whoever made them.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, make: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    if items.len() < WORTH_IT {
        items.into_iter().map(make).collect()
    } else {
        items.into_par_iter().map(make).collect()
    }
}
