//! Pairs of statuses of which no event can show which wins.

use crate::model::Kind;

/// Stands for status 34 in its first place, of an id that was fenced.
pub const FENCED_ID: u16 = 1034;

/// Each of `these` with each of `those`, by number, for these kinds of transfer (all, if none is
/// named).
pub struct Exclusion {
    pub kinds: &'static [Kind],
    pub these: &'static [u16],
    pub those: &'static [u16],
    pub why: &'static str,
}

impl Exclusion {
    /// Whether this says that the two cannot be compared.
    pub fn covers(&self, kind: Option<Kind>, a: u16, b: u16) -> bool {
        let kind_fits =
            self.kinds.is_empty() || kind.is_some_and(|kind| self.kinds.contains(&kind));
        let pairs = |a, b| self.these.contains(&a) && self.those.contains(&b);
        kind_fits && (pairs(a, b) || pairs(b, a))
    }
}
