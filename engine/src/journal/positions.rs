//! Where events lie in a segment: a sparse index.

use ledger_core::Sequence;

/// How many events lie between two positions at most, except where frames are small.
pub(super) const EVENTS_PER_POSITION: u64 = 64;
/// Small frames get a position of their own only this far apart.
const BYTES_PER_POSITION: u64 = 32 << 10;

/// Where an event begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Position {
    /// The event.
    pub(super) sequence: Sequence,
    /// Where its frame begins in the file.
    pub(super) frame: u32,
    /// Where to begin reading in the frame's payload: at the event, or at a request before it.
    pub(super) item: u32,
}

/// The positions of a segment that is being appended to, in order.
#[derive(Default, Debug)]
pub(super) struct Positions {
    positions: Vec<Position>,
    /// The sequence after the last event.
    next: Sequence,
}

impl Positions {
    /// Adds the positions of a frame with at least one event.
    pub(super) fn add_frame(&mut self, first: Sequence, frame: u64, offsets: &[u32]) {
        let frame = u32::try_from(frame).expect("a segment is at most 4 GiB");
        self.next = Sequence::new(first.get() + offsets.len() as u64);
        let is_far = self.positions.last().is_none_or(|last| {
            first.get() - last.sequence.get() >= EVENTS_PER_POSITION
                || u64::from(frame) - u64::from(last.frame) >= BYTES_PER_POSITION
        });
        if is_far || offsets.len() as u64 > EVENTS_PER_POSITION {
            self.positions.push(Position {
                sequence: first,
                frame,
                item: 0,
            });
        }
        let step = EVENTS_PER_POSITION as usize;
        for index in (step..offsets.len()).step_by(step) {
            self.positions.push(Position {
                sequence: Sequence::new(first.get() + index as u64),
                frame,
                item: offsets[index],
            });
        }
    }

    /// The nearest position at or before an event, if the event is in the segment.
    pub(super) fn find(&self, sequence: Sequence) -> Option<Position> {
        if sequence >= self.next {
            return None;
        }
        let after = self.positions.partition_point(|p| p.sequence <= sequence);
        self.positions.get(after.checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests;
