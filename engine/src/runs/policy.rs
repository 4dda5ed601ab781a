//! Which runs are merged when.
//!
//! Runs are merged in tiers, so that each posting is written a few times only and the number of
//! runs grows with the logarithm of the journal's length: [`FIRST_FAN_IN`] runs of single segments
//! become one of tier 1, [`FAN_IN`] of a tier one of the next.
//!
//! Each run is asked for every new id, and each of its filters is wrong once in a while. When all
//! of them together would be wrong too often, more is merged than the tiers ask for.

use std::ops::Range;

use super::Run;

/// So many runs of single segments are merged into one.
const FIRST_FAN_IN: usize = 8;
/// So many runs of any other tier are merged into one of the next.
const FAN_IN: usize = 4;
/// How often all filters together may be wrong, in millionths, before more is merged.
const WRONG_PER_MILLION_MAX: f64 = 4_500.0;

/// The width of the fingerprints of a tier. Young runs are many and small, old ones few and large.
pub(super) const fn fingerprint_bits(tier: u8) -> u8 {
    match tier {
        0 => 14,
        1 | 2 => 11,
        _ => 10,
    }
}

/// What the policy knows of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RunSize {
    pub(crate) tier: u8,
    pub(crate) bytes: u64,
}

impl RunSize {
    pub(crate) fn of(run: &Run) -> Self {
        Self {
            tier: run.tier(),
            bytes: run.file_bytes(),
        }
    }
}

/// Neighbouring runs that are to become one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Merge {
    /// Which ones, counted from the oldest.
    pub(crate) runs: Range<usize>,
    /// The tier of what they become.
    pub(crate) tier: u8,
}

/// What is to be merged next, if anything; `runs` follow one another, the oldest first.
pub(crate) fn next_merge(runs: &[RunSize]) -> Option<Merge> {
    by_tier(runs).or_else(|| by_wrong_answers(runs))
}

/// The youngest runs of one tier that are enough of them.
fn by_tier(runs: &[RunSize]) -> Option<Merge> {
    let mut end = runs.len();
    while end > 0 {
        let tier = runs[end - 1].tier;
        let same = runs[..end].iter().rev().take_while(|run| run.tier == tier);
        let start = end - same.count();
        let fan_in = if tier == 0 { FIRST_FAN_IN } else { FAN_IN };
        if end - start >= fan_in {
            let runs = start..start + fan_in;
            let tier = tier.saturating_add(1);
            return Some(Merge { runs, tier });
        }
        end = start;
    }
    None
}

/// The two neighbours that are the least to write, if the filters are wrong too often.
fn by_wrong_answers(runs: &[RunSize]) -> Option<Merge> {
    if wrong_per_million(runs) <= WRONG_PER_MILLION_MAX {
        return None;
    }
    let costs = runs.windows(2).map(|two| two[0].bytes + two[1].bytes);
    let (first, _) = costs.enumerate().min_by_key(|&(_, bytes)| bytes)?;
    let tier = runs[first].tier.max(runs[first + 1].tier);
    Some(Merge {
        runs: first..first + 2,
        tier: tier.max(1),
    })
}

/// How often at least one filter of these runs is wrong about a new id, in millionths.
pub(crate) fn wrong_per_million(runs: &[RunSize]) -> f64 {
    let wrong = |run: &RunSize| 1e6 / f64::from(1_u32 << fingerprint_bits(run.tier));
    runs.iter().map(wrong).sum()
}
