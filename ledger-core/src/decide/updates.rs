//! The rules of changing an account's limits and name.

use alloc::vec::Vec;

use super::answer::UpdateAnswer;
use super::refuse_if;
use crate::state::Slot;
use crate::{AccountUpdate, Fact, Journal, NewAccount, State, Timestamp, Unreadable, UpdateStatus};

/// Why a change is not made.
enum Stop {
    Refused(UpdateStatus),
    Exists(Timestamp),
    Unreadable(Unreadable),
}

impl From<UpdateStatus> for Stop {
    fn from(status: UpdateStatus) -> Self {
        Self::Refused(status)
    }
}

impl State {
    /// Judges changes in order and posts and records those that are allowed.
    ///
    /// # Errors
    /// [`Unreadable`] if an earlier change cannot be read; what was decided before stands.
    pub fn update_accounts<J: Journal>(
        &mut self,
        journal: &mut J,
        now: Timestamp,
        updates: &[AccountUpdate],
    ) -> Result<Vec<UpdateAnswer>, Unreadable> {
        updates
            .iter()
            .map(|update| self.update_account(journal, now, update))
            .collect()
    }

    fn update_account<J: Journal>(
        &mut self,
        journal: &mut J,
        now: Timestamp,
        update: &AccountUpdate,
    ) -> Result<UpdateAnswer, Unreadable> {
        let slot = match self.judge_update(journal, update) {
            Ok(slot) => slot,
            Err(Stop::Refused(status)) => {
                return Ok(UpdateAnswer {
                    status,
                    timestamp: Timestamp::ZERO,
                });
            }
            Err(Stop::Exists(timestamp)) => {
                return Ok(UpdateAnswer {
                    status: UpdateStatus::Exists,
                    timestamp,
                });
            }
            Err(Stop::Unreadable(unreadable)) => return Err(unreadable),
        };
        let at = self.moment(now);
        let event = self.next_event(at, false, Fact::AccountUpdated(update.clone()));
        self.post_update(slot, update);
        journal.record(&event);
        Ok(UpdateAnswer {
            status: UpdateStatus::Updated,
            timestamp: at,
        })
    }

    fn judge_update<J: Journal>(&self, journal: &J, update: &AccountUpdate) -> Result<Slot, Stop> {
        use UpdateStatus as S;

        refuse_if(update.update_id.is_zero(), S::UpdateIdMustNotBeZero)?;
        refuse_if(update.id.is_zero(), S::IdMustNotBeZero)?;
        refuse_if(update.id.is_max(), S::IdMustNotBeIntMax)?;
        let known = self
            .find_update(journal, update.update_id)
            .map_err(Stop::Unreadable)?;
        if let Some(sequence) = known {
            let event = journal.event(sequence).map_err(Stop::Unreadable)?;
            let same = matches!(&event.fact, Fact::AccountUpdated(known) if known == update);
            refuse_if(!same, S::ExistsWithDifferentFields)?;
            return Err(Stop::Exists(event.time));
        }
        let nothing = update.overdraft_limit.is_none()
            && update.balance_max.is_none()
            && update.name.is_none();
        refuse_if(nothing, S::NothingToUpdate)?;
        let name_bytes = update.name.as_ref().map_or(0, |name| name.len());
        refuse_if(name_bytes > NewAccount::NAME_BYTES_MAX, S::NameTooLong)?;
        self.account_slot(update.id)
            .ok_or(Stop::Refused(S::AccountNotFound))
    }
}
