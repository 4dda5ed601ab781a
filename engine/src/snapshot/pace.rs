//! Writing in the background without being in anybody's way, and being told to stop.

/// What is asked after each piece that was read or written.
pub(crate) struct Pace<'a> {
    /// Waits for as long as the piece has to be followed by nothing; whether to go on.
    wait: &'a (dyn Fn(Piece) -> bool + Sync),
}

/// A piece of work, by its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece {
    Read(u64),
    Written(u64),
}

/// Nobody wants the work any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopped;

impl<'a> Pace<'a> {
    /// `wait` is told what was done, waits as long as it likes, and says whether to go on.
    pub(crate) const fn new(wait: &'a (dyn Fn(Piece) -> bool + Sync)) -> Self {
        Self { wait }
    }

    /// As fast as it goes, to the end.
    #[cfg(test)]
    pub(crate) const UNBOUNDED: Pace<'static> = Pace { wait: &|_| true };

    /// After a piece was written.
    pub(super) fn wrote(&self, bytes: u64) -> Result<(), Stopped> {
        self.did(Piece::Written(bytes))
    }

    /// After a piece was read.
    pub(super) fn read(&self, bytes: u64) -> Result<(), Stopped> {
        self.did(Piece::Read(bytes))
    }

    fn did(&self, piece: Piece) -> Result<(), Stopped> {
        match (self.wait)(piece) {
            true => Ok(()),
            false => Err(Stopped),
        }
    }
}
