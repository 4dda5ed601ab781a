//! Creating accounts.

use std::collections::BTreeSet;

use ledger_core::{
    AccountAnswer, AccountFlags, AccountStatus, Fact, NewAccount, Sequence, Timestamp, Totals,
};

use super::World;
use super::account_rules::AccountQuestion;
use super::chain::{Chained, Place};
use super::world::Account;

impl World {
    pub fn create_accounts(
        &mut self,
        now: Timestamp,
        accounts: &[NewAccount],
    ) -> Vec<AccountAnswer> {
        super::chain::decide(self, now, accounts)
    }
}

impl Chained for NewAccount {
    type Answer = AccountAnswer;

    fn is_linked(&self) -> bool {
        self.flags.contains(AccountFlags::LINKED)
    }

    fn is_imported(&self) -> bool {
        self.flags.contains(AccountFlags::IMPORTED)
    }

    fn prepare(&self, _: &mut World, _: Timestamp) {
        // Nothing is due for an account.
    }

    fn judge(&self, world: &World, now: Timestamp, place: Place) -> AccountAnswer {
        let moment = world.moment(now);
        let question = AccountQuestion {
            world,
            moment,
            asked: self,
            place,
        };
        let status = question
            .refusals()
            .first()
            .copied()
            .unwrap_or(AccountStatus::Created);
        let timestamp = match status {
            AccountStatus::Created if self.is_imported() => self.timestamp,
            AccountStatus::Created => moment,
            AccountStatus::Exists => question.existing().expect("it exists").timestamp,
            _ => Timestamp::ZERO,
        };
        AccountAnswer { status, timestamp }
    }

    fn post(&self, world: &mut World, now: Timestamp, answer: &AccountAnswer) {
        let moment = world.moment(now);
        let recorded = NewAccount {
            timestamp: answer.timestamp,
            ..self.clone()
        };
        let sequence = world.record(moment, Fact::AccountCreated(recorded));
        let account = Account {
            as_created: self.clone(),
            timestamp: answer.timestamp,
            overdraft_limit: self.overdraft_limit,
            balance_max: self.balance_max,
            totals: Totals::ZERO,
            created: sequence,
            named: if self.name.is_empty() {
                Sequence::ZERO
            } else {
                sequence
            },
            closed_by: BTreeSet::new(),
        };
        world.accounts.insert(self.id, account);
    }

    fn is_success(answer: &AccountAnswer) -> bool {
        answer.status == AccountStatus::Created
    }

    fn is_exists(answer: &AccountAnswer) -> bool {
        answer.status == AccountStatus::Exists
    }

    fn failed_with_its_chain() -> AccountAnswer {
        AccountAnswer {
            status: AccountStatus::LinkedEventFailed,
            timestamp: Timestamp::ZERO,
        }
    }

    fn use_up(&self, _: &mut World, _: Timestamp, _: &mut AccountAnswer) {
        // No refusal uses up the id of an account.
    }
}
