//! Which runs are merged when, and how wide the fingerprints of their filters are.
//!
//! Runs are merged in tiers, so that each posting is written a few times only and the number of
//! runs grows with the logarithm of the journal's length: eight runs of tier 0, which are those of
//! single segments, become one of tier 1, eight of these one of tier 2, and from there on four of
//! a tier one of the next.
//!
//! Each run is asked for every new id, and each of its filters is wrong once in a while. The bits
//! are best spent where the keys are few: a tier has a fourth or an eighth of the keys of the next
//! one, so its filters are made to be wrong as much more seldom. So all of them together are wrong
//! hardly more often than the oldest ones alone, however many tiers there are. Those of single
//! segments, of which there are never more than a few, are of a kind that is made faster.

use std::ops::Range;

use super::Run;
use super::filter::{self, BLOCKED};

/// How often all filters together may be wrong, in millionths, before more is merged than the
/// tiers ask for. It takes an unusual course to come here.
const WRONG_PER_MILLION_MAX: f64 = 4_500.0;
/// The width of the fingerprints in the oldest runs, which hold most keys.
const BITS_MIN: u8 = 10;
const BITS_MAX: u8 = 16;

/// So many runs of a tier become one of the next.
const fn fan_in(tier: u8) -> usize {
    match tier {
        0 | 1 => 8,
        _ => 4,
    }
}

/// The highest tier that a journal of so many segments has.
fn top_tier(segments: u64) -> u8 {
    let mut tier = 0;
    let mut in_one_run = 1_u64;
    loop {
        in_one_run = in_one_run.saturating_mul(fan_in(tier) as u64);
        if in_one_run > segments || tier == u8::MAX {
            return tier;
        }
        tier += 1;
    }
}

/// The width of the fingerprints of a run of some tier whose last segment has some number, or
/// [`BLOCKED`].
pub(super) fn fingerprint_bits(tier: u8, last_segment: u64) -> u8 {
    if tier == 0 {
        return BLOCKED;
    }
    let below_top = top_tier(last_segment).saturating_sub(tier);
    // There can be seven rather than three runs of this tier at a time.
    let for_seven = u8::from(tier == 1);
    below_top
        .saturating_mul(2)
        .saturating_add(BITS_MIN + for_seven)
        .min(BITS_MAX)
}

/// What the policy knows of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RunSize {
    pub(crate) tier: u8,
    /// The length of the file.
    pub(crate) bytes: u64,
    /// The width of its fingerprints; 0 if it has no filter.
    pub(crate) fingerprint_bits: u8,
}

impl RunSize {
    pub(crate) fn of(run: &Run) -> Self {
        Self {
            tier: run.tier(),
            bytes: run.file_bytes(),
            fingerprint_bits: run.fingerprint_bits(),
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

/// What is to be merged meanwhile, if anything, while runs of tier `busy` are: a merge of long runs
/// takes minutes, in which short ones would pile up. It is short enough to be made in between,
/// from the longer one's pace.
pub(crate) fn next_merge_beside(runs: &[RunSize], busy: u8) -> Option<Merge> {
    let younger = runs.iter().rev().take_while(|run| run.tier < busy).count();
    let from = runs.len() - younger;
    by_tier(&runs[from..]).map(|merge| Merge {
        runs: merge.runs.start + from..merge.runs.end + from,
        ..merge
    })
}

/// The youngest runs of one tier that are enough of them.
fn by_tier(runs: &[RunSize]) -> Option<Merge> {
    let mut end = runs.len();
    while end > 0 {
        let tier = runs[end - 1].tier;
        let same = runs[..end].iter().rev().take_while(|run| run.tier == tier);
        let start = end - same.count();
        if end - start >= fan_in(tier) {
            let runs = start..start + fan_in(tier);
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
    let widths = runs.iter().map(|run| run.fingerprint_bits);
    widths.map(filter::wrong_per_million).sum()
}

#[cfg(test)]
mod tests;
