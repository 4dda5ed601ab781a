//! Changing accounts.

use ledger_core::{AccountUpdate, Fact, Sequence, Timestamp, UpdateAnswer, UpdateStatus};

use super::World;

impl World {
    pub fn update_accounts(
        &mut self,
        now: Timestamp,
        updates: &[AccountUpdate],
    ) -> Vec<UpdateAnswer> {
        updates
            .iter()
            .map(|update| self.update_account(now, update))
            .collect()
    }

    fn update_account(&mut self, now: Timestamp, update: &AccountUpdate) -> UpdateAnswer {
        let refused = |status| UpdateAnswer {
            status,
            timestamp: Timestamp::ZERO,
        };
        if update.update_id.is_zero() {
            return refused(UpdateStatus::UpdateIdMustNotBeZero);
        }
        if update.id.is_zero() {
            return refused(UpdateStatus::IdMustNotBeZero);
        }
        if update.id.is_max() {
            return refused(UpdateStatus::IdMustNotBeIntMax);
        }
        if let Some((earlier, time)) = self.updates.get(&update.update_id) {
            if earlier != update {
                return refused(UpdateStatus::ExistsWithDifferentFields);
            }
            return UpdateAnswer {
                status: UpdateStatus::Exists,
                timestamp: *time,
            };
        }
        if update.overdraft_limit.is_none() && update.balance_max.is_none() && update.name.is_none()
        {
            return refused(UpdateStatus::NothingToUpdate);
        }
        if update.name.as_ref().is_some_and(|name| name.len() > 255) {
            return refused(UpdateStatus::NameTooLong);
        }
        if !self.accounts.contains_key(&update.id) {
            return refused(UpdateStatus::AccountNotFound);
        }

        let time = self.moment(now);
        let sequence = self.record(time, Fact::AccountUpdated(update.clone()));
        self.updates
            .insert(update.update_id, (update.clone(), time));
        let account = self.accounts.get_mut(&update.id).expect("was found above");
        if let Some(limit) = update.overdraft_limit {
            account.overdraft_limit = limit;
        }
        if let Some(ceiling) = update.balance_max {
            account.balance_max = ceiling;
        }
        if let Some(name) = &update.name {
            account.named = if name.is_empty() {
                Sequence::ZERO
            } else {
                sequence
            };
        }
        UpdateAnswer {
            status: UpdateStatus::Updated,
            timestamp: time,
        }
    }
}
