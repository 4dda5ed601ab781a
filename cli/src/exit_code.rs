//! What the process says when it ends. The numbers are a contract with scripts.

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ExitCode {
    /// Done.
    Success,
    /// Something unexpected failed, such as a file that cannot be written.
    Failed,
    /// The command line is wrong. `clap` uses the same number.
    Usage,
    /// The ledger said no, and what it said no to did not move. An import sends many requests: what
    /// it posted before stays.
    Refused,
    /// What was asked for does not exist.
    NotFound,
    /// The server did not answer or cannot answer now; nothing was applied.
    Unavailable,
    /// It is not known whether the request took effect; the same command may be run again.
    OutcomeUnknown,
    /// The file to import is not sound; nothing was posted.
    BadFile,
    /// The data directory is damaged, or does not verify.
    Damaged,
    /// The server stopped itself: a write or a sync failed.
    Halted,
}

impl ExitCode {
    /// Every way to end, with what it means.
    pub(crate) const ALL: [(Self, &'static str); 10] = [
        (Self::Success, "done"),
        (Self::Failed, "something unexpected failed"),
        (Self::Usage, "the command line is wrong"),
        (
            Self::Refused,
            "the ledger refused; the status says why; what an import posted before stays",
        ),
        (Self::NotFound, "what was asked for does not exist"),
        (
            Self::Unavailable,
            "the server cannot be reached or cannot answer now; nothing was applied",
        ),
        (
            Self::OutcomeUnknown,
            "unknown whether it took effect; running the same command again is safe",
        ),
        (
            Self::BadFile,
            "the file to import is not sound; nothing was posted",
        ),
        (
            Self::Damaged,
            "the data directory is damaged or does not verify",
        ),
        (
            Self::Halted,
            "serve: a write or a sync failed and the server stopped itself",
        ),
    ];

    /// The number.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::NotFound => 4,
            Self::Unavailable => 5,
            Self::OutcomeUnknown => 6,
            Self::BadFile => 7,
            Self::Damaged => 8,
            Self::Halted => 9,
        }
    }

    /// The table for `--help`.
    pub(crate) fn help() -> String {
        let lines = Self::ALL.map(|(code, meaning)| format!("  {}  {meaning}", code.number()));
        format!("Exit codes:\n{}", lines.join("\n"))
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        code.number().into()
    }
}

#[cfg(test)]
mod tests;
