//! What can go wrong with a run. None of it ever means that a key is not there.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::vfs;

/// A run cannot be read, written or trusted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The file system refused a read.
    #[error("cannot read {} at byte {offset}", file.display())]
    Read {
        /// The run.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// What it said.
        source: io::Error,
    },
    /// The file system refused a write.
    #[error("cannot write {}", file.display())]
    Write {
        /// The file that was to become a run.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// What is there is not what was written.
    #[error(
        "{} is damaged at byte {offset}: {damage}; stop the server, remove this file and start again: it is made anew from the journal",
        file.display()
    )]
    Damaged {
        /// The run.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// What is wrong.
        damage: RunDamage,
    },
    /// The caller did not want to go on. Nothing is left of the file.
    #[error("the making of {} was stopped", file.display())]
    Stopped {
        /// The file that was to become a run.
        file: PathBuf,
    },
    /// The machine gave no random numbers.
    #[error("the operating system gave no random numbers")]
    Randomness,
}

impl RunError {
    /// The file that it is about.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Read { file, .. }
            | Self::Write { file, .. }
            | Self::Damaged { file, .. }
            | Self::Stopped { file } => Some(file),
            Self::Randomness => None,
        }
    }

    /// Whether the file system refused for want of something that others give back: then nothing
    /// is wrong with the run.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => vfs::passes(source),
            _ => false,
        }
    }

    /// What the file system said, if it was that.
    pub(crate) fn io_kind(&self) -> io::ErrorKind {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => source.kind(),
            _ => io::ErrorKind::Other,
        }
    }
}

/// Why a file is not a run of this format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum RunDamage {
    /// Too short or too long for what its footer says.
    #[error("the file has {found} bytes instead of {expected}")]
    Length {
        /// The length of the file.
        found: u64,
        /// The length that the footer demands, or the shortest possible one.
        expected: u64,
    },
    /// It does not end as a run does.
    #[error("the file does not end with a footer")]
    NoFooter,
    /// Another version of Pacioli wrote it.
    #[error("the run has format version {found}; this build reads version {supported}")]
    UnknownVersion {
        /// The version in the footer.
        found: u16,
        /// The version of this build.
        supported: u16,
    },
    /// A reserved field is in use.
    #[error("a reserved field is not zero")]
    Reserved,
    /// A part is damaged.
    #[error("the CRC-32 of the {part} does not match its bytes")]
    Checksum {
        /// Which part.
        part: RunPart,
    },
    /// Its parts tell different stories.
    #[error("the {part} contradicts the rest of the file")]
    Contradiction {
        /// Which part.
        part: RunPart,
    },
}

/// A part of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RunPart {
    /// The footer.
    Footer,
    /// Fences and tables.
    Index,
    /// A filter.
    Filter,
    /// A block of postings.
    Block,
}

impl std::fmt::Display for RunPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Footer => "footer",
            Self::Index => "index",
            Self::Filter => "filter",
            Self::Block => "block",
        })
    }
}
