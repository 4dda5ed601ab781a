//! Why the server could not do what it was asked: the reasons of `google.rpc.ErrorInfo`.

use std::{fmt, str::FromStr};

macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident = $text:literal;)*) => {
        /// Why the server could not do what it was asked. A contract, like the statuses.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* #[doc = concat!("\n\n`", $text, "`")] $reason,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$reason,)*];

            /// The reason as it stands on the wire, such as `QUEUE_FULL`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$reason => $text,)*
                }
            }
        }
    };
}

reasons! {
    /// The request cannot be understood; the fields at fault are named.
    InvalidRequest = "INVALID_REQUEST";
    /// Too much is waiting already.
    QueueFull = "QUEUE_FULL";
    /// A limit of the server is reached; it is named.
    Limit = "LIMIT";
    /// The message is larger than the server accepts.
    MessageTooLarge = "MESSAGE_TOO_LARGE";
    /// The request's deadline passed before it was decided.
    NotDecided = "NOT_DECIDED";
    /// There is no room on the disk for what would be recorded.
    StorageFull = "STORAGE_FULL";
    /// A position or a page token belongs to another line of history.
    EpochChanged = "EPOCH_CHANGED";
    /// A position or a time is beyond the end of the journal; the field is named.
    BeyondEnd = "BEYOND_END";
    /// There is nothing yet that a snapshot could hold.
    JournalEmpty = "JOURNAL_EMPTY";
    /// Another snapshot has the name.
    NameTaken = "NAME_TAKEN";
    /// A receiver took nothing for so long that it was given up.
    ReaderStalled = "READER_STALLED";
    /// The clock of the server cannot be trusted. Reserved: no server says so yet.
    Clock = "CLOCK";
    /// The server has not recovered yet.
    Starting = "STARTING";
    /// The server ends.
    Draining = "DRAINING";
    /// An index is being rebuilt; until then nothing can be decided.
    RebuildingIndex = "REBUILDING_INDEX";
    /// A file cannot be opened or read for the moment: too many are open, or there is no memory.
    ReadRefused = "READ_REFUSED";
    /// The write failed half-way and the server ends. The outcome is unknown.
    OutcomeUnknown = "OUTCOME_UNKNOWN";
    /// Something that is recorded cannot be read any more.
    Damaged = "DAMAGED";
    /// The server contradicts itself.
    Bug = "BUG";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.name() == text)
            .ok_or(UnknownReason)
    }
}

/// A reason that this version does not know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this reason is not known here: the server may be newer")]
pub struct UnknownReason;
