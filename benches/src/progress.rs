//! How far a run has come.

/// What a run is at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Phase {
    /// Creating accounts.
    Accounts,
    /// Sending transfers: what is measured.
    Transfers,
    /// Adding up the books.
    Checking,
    /// Sending old transfers again.
    Retrying,
}

/// How far a run has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// What it is at.
    pub phase: Phase,
    /// How many accounts or transfers are done in this phase.
    pub done: u64,
    /// How many there are to do.
    pub total: u64,
}
