//! Merging: neighbouring runs become one, section by section, with little memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::footer::Covered;
use super::scan::Scan;
use super::writer::{Order, Pace, RunWriter};
use super::{Run, RunError, Section, policy};
use crate::journal::names;
use crate::vfs::Vfs;

/// Merges runs that follow one another, the oldest first, into one of the given tier, and opens
/// it. The others are to be removed once nobody reads them any more.
///
/// # Errors
/// If one cannot be read or the new one cannot be written; nothing is left of it then.
///
/// # Panics
/// If there are less than two, or they do not follow one another.
pub(crate) fn merge(
    vfs: &Arc<dyn Vfs>,
    dir: &Path,
    runs: &[Arc<Run>],
    tier: u8,
    pace: Pace<'_>,
) -> Result<Run, RunError> {
    let follow = |two: &[Arc<Run>]| two[0].covered().last.next() == two[1].covered().first;
    assert!(
        runs.len() >= 2 && runs.windows(2).all(follow),
        "only neighbours are merged"
    );
    let first = runs[0].covered();
    let last = runs[runs.len() - 1].covered();
    let temporary = names::merging(dir, first.first, last.last);
    let order = Order {
        dir,
        temporary: temporary.clone(),
        covered: Covered {
            segments: *first.segments.start()..=*last.segments.end(),
            first: first.first,
            ..last.clone()
        },
        tier,
        width: policy::fingerprint_bits(tier, *last.segments.end()),
    };
    let path = write(vfs, order, runs, pace).inspect_err(|_| {
        // If that fails too, the next start removes it.
        let _ = vfs.remove(&temporary);
    })?;
    Run::open(vfs, &path)
}

fn write(
    vfs: &Arc<dyn Vfs>,
    order: Order<'_>,
    runs: &[Arc<Run>],
    pace: Pace<'_>,
) -> Result<PathBuf, RunError> {
    let mut writer = RunWriter::create(vfs, order, pace)?;
    for section in Section::ALL {
        let mut merged = writer.section(section);
        let mut inputs = Vec::new();
        for run in runs {
            let mut input = run.scan(section);
            if input.advance()? {
                inputs.push(input);
            }
        }
        while let Some((first, others)) = first_of(&inputs) {
            let input = &mut inputs[first];
            loop {
                merged.push(input.group())?;
                if !input.advance()? {
                    inputs.remove(first);
                    break;
                }
                if (input.key(), first) > others {
                    break;
                }
            }
        }
        merged.finish()?;
    }
    writer.finish()
}

/// The input with the smallest key, the oldest one of equals, since all postings of a key in a run
/// come before those of a later run; and the key and input that come next, up to which it goes on.
///
/// They are few, so that looking at all of them costs less than keeping them in order.
fn first_of(inputs: &[Scan<'_>]) -> Option<(usize, (u128, usize))> {
    const NONE: (u128, usize) = (u128::MAX, usize::MAX);
    let keys = inputs.iter().map(Scan::key).zip(0..);
    let (first, others) = keys.fold((NONE, NONE), |(first, others), next| {
        if next < first {
            (next, first)
        } else {
            (first, others.min(next))
        }
    });
    (first != NONE).then_some((first.1, others))
}
