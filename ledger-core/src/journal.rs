//! What the core needs of the journal: to record what is decided, and to recall what it no
//! longer holds in memory.

use crate::{Event, GroupId, Sequence, TransferId, UpdateId};

/// The journal as the core sees it. The core does not know what it is made of.
///
/// Sequences up to the newest one recorded can be recalled, those of the request that is being
/// decided included.
pub trait Journal {
    /// Takes an event that was decided. It cannot fail: space was made sure of before deciding.
    fn record(&mut self, event: &Event);

    /// A place to come back to with [`Journal::rewind`].
    fn mark(&self) -> usize;

    /// Forgets all that was recorded since `mark`: a chain broke, or a dry run is over.
    fn rewind(&mut self, mark: usize);

    /// The event at `sequence`.
    ///
    /// # Errors
    /// [`Unreadable`] if it cannot be read; never "there is none".
    fn event(&self, sequence: Sequence) -> Result<Event, Unreadable>;

    /// What a transfer id older than the state's recent ids stands for.
    ///
    /// # Errors
    /// [`Unreadable`] if that cannot be told.
    fn old_id(&self, id: TransferId) -> Result<Option<OldId>, Unreadable>;

    /// The event that an update id older than the state's recent ids stands for.
    ///
    /// # Errors
    /// [`Unreadable`] if that cannot be told.
    fn old_update(&self, id: UpdateId) -> Result<Option<Sequence>, Unreadable>;

    /// How many reservations events before `before` made in a group.
    ///
    /// # Errors
    /// [`Unreadable`] if that cannot be told.
    fn old_group_holds(&self, id: GroupId, before: Sequence) -> Result<u32, Unreadable>;
}

/// What an old transfer id stands for: where to read of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OldId {
    /// The event that created, used up or fenced with this id; zero if the id was only fenced.
    pub sequence: Sequence,
    /// Whether a fence keeps this id from ever being created.
    pub fenced: bool,
    /// The newest event that resolved this reservation or reversed this transfer; zero if none.
    pub act: Sequence,
}

/// Something that must be there cannot be read. The engine stops; nothing is decided without it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unreadable;
