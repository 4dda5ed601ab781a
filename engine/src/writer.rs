//! The writer: one thread that owns the state and decides everything in one order.
//!
//! It takes whatever waits, decides it into a group that gathers, and hands that to the syncer as
//! soon as the syncer is free; there is no timer. While one group is in sync the next gathers.
//! When little is gathered and nobody waits, the writer writes and syncs by itself, which saves
//! two changes of threads.
//!
//! State in memory may be ahead of the disk, but nobody sees it: every answer waits for the group
//! that was gathering when the state was looked at.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ledger_core::{Sequence, State, Timestamp};

use crate::clock::{Clock, ClockGuard};
use crate::commit::{Committer, Uncommitted};
use crate::exchange::{Exchange, Phase, Returned};
use crate::gathering::{Gathering, Group};
use crate::indexing::LiveRuns;
use crate::journal::{Closing, Frame, FrameKind, JournalReader, Space};
use crate::published::Published;
use crate::queued::Queued;
use crate::resolver::Resolver;
use crate::sealing::{Sealing, Slowing};
use crate::{Config, Halt};

mod deciding;
mod expiry;
mod foreseeing;
mod generations;
mod rebuild;
mod room;

/// A group that has gathered this much is handed over before all that waits is decided.
const HANDOVER_BYTES: usize = 256 << 10;
/// A group up to this size is written and synced by the writer if nobody waits.
const OWN_COMMIT_BYTES: usize = 64 << 10;
/// How often the age of the active segment is looked at.
const ROLL_CHECK: Duration = Duration::from_secs(30);
/// How long to wait before something is tried again for which there was no space.
const RETRY: Duration = Duration::from_millis(500);

/// What the writer works with.
pub(crate) struct Writer {
    config: Config,
    state: State,
    clock: Arc<dyn Clock>,
    guard: ClockGuard,
    exchange: Arc<Exchange>,
    committer: Arc<Committer>,
    published: Arc<Published>,
    reader: JournalReader,
    space: Arc<Space>,
    sealing: Arc<Sealing>,
    slowing: Slowing,
    live: Arc<LiveRuns>,
    resolver: Arc<Resolver>,
    /// How far the index reached when recent ids were last forgotten.
    forgotten_through: Sequence,
    /// The segment for which the newest table of recent ids was begun.
    generation_of: u64,
    /// Requests that were taken and are decided one by one.
    batch: VecDeque<Queued>,
    gathering: Gathering,
    /// The frame that the syncer has, until it is known to be done with it.
    in_sync: Option<Arc<Frame>>,
    /// A group that is done, whose memory the next one uses.
    spare: Option<Group>,
    /// When a mark is due, by the monotonic clock.
    mark_due: Option<Duration>,
    /// When the age of the active segment is to be looked at, by the monotonic clock.
    roll_check_due: Duration,
    /// How many segments there were when the active one was first seen, and when that was: the
    /// number only grows, so it tells whether it is still the same one.
    segment_seen: (u64, Duration),
    /// What due reservations wait for.
    backlog: Backlog,
}

/// What due reservations wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Backlog {
    /// None is due that could have been released.
    None,
    /// This frame has as many as it may: the next one.
    NextFrame,
    /// There is no journal space.
    Space,
}

/// Why the writer stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stop {
    /// Somebody else ended the engine.
    Ended,
    /// The writer has to end it.
    Halt(Halt),
}

/// What the writer is made of.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) state: State,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) committer: Arc<Committer>,
    pub(crate) published: Arc<Published>,
    pub(crate) reader: JournalReader,
    pub(crate) space: Arc<Space>,
    pub(crate) sealing: Arc<Sealing>,
    pub(crate) live: Arc<LiveRuns>,
    pub(crate) resolver: Arc<Resolver>,
}

impl Writer {
    pub(crate) fn new(parts: Parts) -> Self {
        let guard = ClockGuard::new(&*parts.clock);
        let roll_check_due = parts.clock.monotonic() + ROLL_CHECK;
        parts.published.count(&parts.state);
        parts.published.set_recent_from(parts.state.recent_from());
        Self {
            gathering: Gathering::new(&parts.state),
            config: parts.config,
            state: parts.state,
            clock: parts.clock,
            guard,
            exchange: parts.exchange,
            committer: parts.committer,
            published: parts.published,
            reader: parts.reader,
            space: parts.space,
            sealing: parts.sealing,
            slowing: Slowing::new(),
            live: parts.live,
            resolver: parts.resolver,
            forgotten_through: Sequence::ZERO,
            generation_of: 0,
            batch: VecDeque::new(),
            in_sync: None,
            spare: None,
            mark_due: None,
            roll_check_due,
            segment_seen: (0, Duration::ZERO),
            backlog: Backlog::None,
        }
    }

    /// Decides until the engine ends. An error ends the engine.
    pub(crate) fn run(mut self) -> Result<(), Halt> {
        loop {
            match self.turn() {
                Ok(true) => {}
                Ok(false) => return Err(Halt::Stopped),
                Err(Stop::Ended) => return Ok(()),
                Err(Stop::Halt(halt)) => return Err(halt),
            }
        }
    }

    /// Waits for something to do and does it. `false` after a clean end.
    fn turn(&mut self) -> Result<bool, Stop> {
        let wants_syncer = !self.gathering.is_empty() || self.has_chores();
        let patience = self.patience();
        let phase = self
            .exchange
            .take_all(&mut self.batch, wants_syncer, patience);
        if matches!(phase, Phase::Abandoned | Phase::Ended(_)) {
            return Err(Stop::Ended);
        }
        let idle = self.batch.is_empty();
        self.collect()?;
        self.roll_if_asked();
        self.forget_old();
        let moment = self.moment();
        self.release_due(moment, 0);
        while let Some(queued) = self.batch.pop_front() {
            self.take(queued)?;
            if self.gathering.frame.padded_bytes() >= HANDOVER_BYTES
                && self.exchange.syncer_is_free()
            {
                self.hand_over(FrameKind::Events)?;
            }
        }
        self.published.count(&self.state);
        if !self.gathering.is_empty() {
            if self.exchange.syncer_is_free() {
                self.commit()?;
            }
        } else if phase == Phase::Draining && idle && !self.exchange.is_owed() {
            self.finish()?;
            return Ok(false);
        }
        self.do_chores()?;
        Ok(true)
    }

    /// How long the writer may sleep if nobody asks for anything. What is due already and waits
    /// for the syncer is not counted: the writer is woken when that is free.
    fn patience(&mut self) -> Option<Duration> {
        let monotonic = self.clock.monotonic();
        let later = |due: Duration| due.checked_sub(monotonic).filter(|left| !left.is_zero());
        let mark = self.mark_due.and_then(later);
        let roll = later(self.roll_check_due);
        let now = self.guard.now(&*self.clock).get();
        let expiry = match self.backlog {
            Backlog::None => self
                .state
                .next_expiry()
                .map(|expiry| Duration::from_nanos(expiry.get().saturating_sub(now))),
            Backlog::NextFrame => self.gathering.is_empty().then_some(Duration::ZERO),
            Backlog::Space => Some(RETRY),
        };
        [mark, roll, expiry].into_iter().flatten().min()
    }

    /// Whether something is due that is done when the syncer is free.
    fn has_chores(&self) -> bool {
        let monotonic = self.clock.monotonic();
        self.mark_due.is_some_and(|due| due <= monotonic)
            || self.roll_check_due <= monotonic
            || self.published.is_roll_asked()
    }

    /// The journal time of what would be decided now.
    fn moment(&mut self) -> Timestamp {
        if self.published.take_clock_accepted() {
            self.guard.accept(&*self.clock);
        }
        let now = self.guard.now(&*self.clock);
        self.published.set_clock_ahead(self.guard.refused());
        now.max(self.state.time().next())
    }

    /// Looks what became of the group that was handed over.
    fn collect(&mut self) -> Result<(), Stop> {
        match self.exchange.take_returned() {
            None => Ok(()),
            Some(Returned::Emptied(group)) => {
                self.in_sync = None;
                self.spare = Some(group);
                Ok(())
            }
            Some(Returned::Lost) => self.rebuild(),
        }
    }

    /// Ends the gathering of the group, and begins the next.
    fn close(&mut self, kind: FrameKind) -> Group {
        let next = match self.spare.take() {
            Some(group) => Gathering::reusing(group, &self.state),
            None => Gathering::new(&self.state),
        };
        let gathered = std::mem::replace(&mut self.gathering, next);
        let closed = gathered.close(Closing {
            kind,
            close_time: self.state.time(),
            committed: self.published.newest().sequence,
        });
        self.divide_recent(&closed);
        closed
    }

    /// Makes durable what was gathered, now that the syncer is free: by itself if that is little
    /// and nobody waits, otherwise through the syncer.
    fn commit(&mut self) -> Result<(), Stop> {
        let little = !self.gathering.must_be_written()
            || (self.gathering.frame.padded_bytes() <= OWN_COMMIT_BYTES
                && !self.exchange.is_waited_for());
        if little {
            self.commit_alone(FrameKind::Events)
        } else {
            self.hand_over(FrameKind::Events)
        }
    }

    fn commit_alone(&mut self, kind: FrameKind) -> Result<(), Stop> {
        self.collect()?;
        let mut group = self.close(kind);
        self.before_frame(&group, kind);
        match self.committer.commit(&mut group) {
            Ok(()) => {
                self.spare = Some(group);
                Ok(())
            }
            Err(Uncommitted::Lost) => {
                drop(group);
                self.rebuild()
            }
            Err(Uncommitted::Failed) => Err(Stop::Halt(Halt::JournalFailed)),
        }
    }

    fn hand_over(&mut self, kind: FrameKind) -> Result<(), Stop> {
        self.collect()?;
        let group = self.close(kind);
        self.before_frame(&group, kind);
        self.in_sync = Some(Arc::clone(&group.frame));
        self.exchange.hand_over(group);
        Ok(())
    }

    /// Waits until the syncer is free.
    fn wait_for_syncer(&mut self) -> Result<(), Stop> {
        match self.exchange.wait_for_syncer() {
            Phase::Serving | Phase::Draining => self.collect(),
            Phase::Abandoned | Phase::Ended(_) => Err(Stop::Ended),
        }
    }

    fn before_frame(&mut self, group: &Group, kind: FrameKind) {
        self.expect_mark(group, kind);
        if group.write {
            let bytes = group.frame.padded_bytes();
            self.slowing.before_frame(&self.sealing, bytes);
        }
    }

    /// A mark follows the last frame of a burst, so that whether that frame was whole is in doubt
    /// only until then.
    fn expect_mark(&mut self, group: &Group, kind: FrameKind) {
        if group.write {
            let due = self.clock.monotonic() + self.config.mark_delay;
            self.mark_due = (kind == FrameKind::Events).then_some(due);
        }
    }

    /// What is done now and then, when the syncer is free.
    fn do_chores(&mut self) -> Result<(), Stop> {
        if !self.exchange.syncer_is_free() {
            return Ok(());
        }
        let monotonic = self.clock.monotonic();
        let marks = self.mark_due.is_some_and(|due| due <= monotonic);
        // What is gathered is a frame of its own soon, and the mark follows that.
        if marks && self.gathering.is_empty() {
            self.mark_due = None;
            if self.has_room_for_mark() {
                // By the syncer, so that a request that comes meanwhile is decided meanwhile.
                self.hand_over(FrameKind::Mark)?;
            }
        } else if self.roll_check_due <= monotonic {
            self.roll_check_due = monotonic + ROLL_CHECK.min(self.config.segment_age_max);
            self.roll_if_old(monotonic);
        }
        Ok(())
    }

    /// Leaves a segment because somebody waits for what is in it to be sealed. Between two frames:
    /// what is gathered fits the next segment as it does this one.
    fn roll_if_asked(&mut self) {
        if self.published.is_roll_asked() && self.exchange.syncer_is_free() {
            self.published.take_roll_asked();
            self.committer.roll();
        }
    }

    /// Leaves a segment that is not empty and has grown old, so that it can be sealed.
    fn roll_if_old(&mut self, monotonic: Duration) {
        let stats = self.reader.stats();
        let segments = stats.segments_sealed + stats.segments_unsealed;
        if self.committer.is_segment_empty() || self.segment_seen.0 != segments {
            self.segment_seen = (segments, monotonic);
        } else if monotonic.saturating_sub(self.segment_seen.1) >= self.config.segment_age_max {
            self.committer.roll();
        }
    }

    /// Marks a clean end.
    fn finish(&mut self) -> Result<(), Stop> {
        self.wait_for_syncer()?;
        if self.has_room_for_end() {
            self.commit_alone(FrameKind::End)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
