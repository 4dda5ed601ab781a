//! Writing in the background without being in anybody's way, and being told to stop.

/// What is asked after each piece that was read or written.
pub(crate) struct Pace<'a> {
    /// Waits for as long as the piece of this many bytes has to be followed by nothing; whether to
    /// go on.
    wait: &'a (dyn Fn(u64) -> bool + Sync),
}

/// Nobody wants the work any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopped;

impl<'a> Pace<'a> {
    /// `wait` is told how many bytes were written, waits as long as it likes, and says whether to
    /// go on.
    pub(crate) const fn new(wait: &'a (dyn Fn(u64) -> bool + Sync)) -> Self {
        Self { wait }
    }

    /// As fast as it goes, to the end.
    #[cfg(test)]
    pub(crate) const UNBOUNDED: Pace<'static> = Pace { wait: &|_| true };

    /// After a piece was written.
    pub(super) fn wrote(&self, bytes: u64) -> Result<(), Stopped> {
        match (self.wait)(bytes) {
            true => Ok(()),
            false => Err(Stopped),
        }
    }

    /// Between pieces of work that write nothing.
    pub(super) fn check(&self) -> Result<(), Stopped> {
        self.wrote(0)
    }
}
