//! What a verification tells on the wire.

use std::fmt;

use ledger_core::Sequence;

use crate::{FieldPath, Malformed, Receipt, v1};

/// How far a verification has come.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct VerifyProgress {
    /// Bytes that were read.
    pub bytes: u64,
    /// Bytes that there are to read.
    pub bytes_total: u64,
    /// The newest event that was checked.
    pub sequence: Sequence,
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing, and no damage.
    Note,
    /// Something is not as it must be.
    Error,
}

impl Severity {
    /// The word for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Something that a verification found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyFinding {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as a path on the server.
    pub file: Box<str>,
    /// Where in it.
    pub offset: u64,
    /// The event that it is about; zero if it is about none.
    pub sequence: Sequence,
    /// What it is, and what helps.
    pub problem: Box<str>,
}

/// What was verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifySummary {
    /// The newest event that was durable when the verification began.
    pub receipt: Receipt,
    /// Sealed segments that were read.
    pub segments: u64,
    /// Snapshots that were read.
    pub snapshots: u64,
    /// Index runs that were read.
    pub runs: u64,
    /// Events that were read in the segments.
    pub events: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Findings that are errors.
    pub errors: u64,
    /// Findings that are not.
    pub notes: u64,
}

/// A part of what a verification tells: progress and findings as they come, and a summary at the
/// end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VerifyPart {
    /// How far it has come; now and then.
    Progress(VerifyProgress),
    /// Something that is not as it must be, or is worth knowing.
    Finding(VerifyFinding),
    /// The last part.
    Summary(VerifySummary),
}

impl From<VerifyPart> for v1::VerifyResponse {
    fn from(part: VerifyPart) -> Self {
        use v1::verify_response::Part;

        let part = match part {
            VerifyPart::Progress(progress) => Part::Progress(v1::VerifyProgress {
                bytes: progress.bytes,
                bytes_total: progress.bytes_total,
                sequence: progress.sequence.get(),
            }),
            VerifyPart::Finding(finding) => Part::Finding(v1::VerifyFinding {
                severity: match finding.severity {
                    Severity::Note => v1::Severity::Note,
                    Severity::Error => v1::Severity::Error,
                }
                .into(),
                file: finding.file.into(),
                offset: finding.offset,
                sequence: finding.sequence.get(),
                problem: finding.problem.into(),
            }),
            VerifyPart::Summary(summary) => Part::Summary(v1::VerifySummary {
                receipt: Some((&summary.receipt).into()),
                segments: summary.segments,
                snapshots: summary.snapshots,
                runs: summary.runs,
                events: summary.events,
                bytes: summary.bytes,
                errors: summary.errors,
                notes: summary.notes,
            }),
        };
        Self { part: Some(part) }
    }
}

impl v1::VerifyResponse {
    /// The part that this message is.
    ///
    /// # Errors
    /// It is none that this version knows, or is malformed.
    pub fn read(self) -> Result<VerifyPart, Malformed> {
        use v1::verify_response::Part;

        let part = self.part.ok_or(Malformed::Absent {
            at: FieldPath::of("part"),
        })?;
        Ok(match part {
            Part::Progress(progress) => VerifyPart::Progress(VerifyProgress {
                bytes: progress.bytes,
                bytes_total: progress.bytes_total,
                sequence: Sequence::new(progress.sequence),
            }),
            Part::Finding(finding) => VerifyPart::Finding(VerifyFinding {
                severity: match finding.severity() {
                    v1::Severity::Note => Severity::Note,
                    // Whatever a newer server means, it is not to be passed over.
                    v1::Severity::Error | v1::Severity::Unspecified => Severity::Error,
                },
                file: finding.file.into_boxed_str(),
                offset: finding.offset,
                sequence: Sequence::new(finding.sequence),
                problem: finding.problem.into_boxed_str(),
            }),
            Part::Summary(summary) => VerifyPart::Summary(VerifySummary {
                receipt: Receipt::read(summary.receipt)?,
                segments: summary.segments,
                snapshots: summary.snapshots,
                runs: summary.runs,
                events: summary.events,
                bytes: summary.bytes,
                errors: summary.errors,
                notes: summary.notes,
            }),
        })
    }
}

#[cfg(test)]
mod tests;
