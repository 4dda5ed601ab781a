//! Statuses on the wire: their numbers are those of the core.

use ledger_core::{AccountStatus, LedgerStatus, Timestamp, TransferStatus, UpdateStatus};

use crate::{FieldPath, Malformed, v1};

/// The status with the number of an enum's field.
pub(crate) fn read<S>(
    number: i32,
    at: FieldPath,
    from_number: impl FnOnce(u8) -> Option<S>,
) -> Result<S, Malformed> {
    u8::try_from(number)
        .ok()
        .and_then(from_number)
        .ok_or(Malformed::UnknownNumber {
            at,
            number: number.into(),
        })
}

impl From<LedgerStatus> for v1::LedgerResult {
    fn from(status: LedgerStatus) -> Self {
        Self {
            status: status.number().into(),
        }
    }
}

impl v1::LedgerResult {
    /// The answer to one registration; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A status that this version does not know.
    pub fn read(self, at: FieldPath) -> Result<LedgerStatus, Malformed> {
        read(self.status, at.with("status"), LedgerStatus::from_number)
    }
}

impl v1::AccountResult {
    /// The answer to one new account.
    #[must_use]
    pub fn new(status: AccountStatus, timestamp: Timestamp) -> Self {
        Self {
            status: status.number().into(),
            timestamp: timestamp.get(),
        }
    }

    /// The answer to one new account; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A status that this version does not know.
    pub fn read(self, at: FieldPath) -> Result<(AccountStatus, Timestamp), Malformed> {
        let status = read(self.status, at.with("status"), AccountStatus::from_number)?;
        Ok((status, Timestamp::new(self.timestamp)))
    }
}

impl v1::UpdateResult {
    /// The answer to one change of an account.
    #[must_use]
    pub fn new(status: UpdateStatus, timestamp: Timestamp) -> Self {
        Self {
            status: status.number().into(),
            timestamp: timestamp.get(),
        }
    }

    /// The answer to one change of an account; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A status that this version does not know.
    pub fn read(self, at: FieldPath) -> Result<(UpdateStatus, Timestamp), Malformed> {
        let status = read(self.status, at.with("status"), UpdateStatus::from_number)?;
        Ok((status, Timestamp::new(self.timestamp)))
    }
}

/// The status of a transfer.
pub(crate) fn transfer(number: i32, at: FieldPath) -> Result<TransferStatus, Malformed> {
    read(number, at, TransferStatus::from_number)
}

#[cfg(test)]
mod tests;
