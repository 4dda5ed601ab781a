//! The rules of creating an account.

use alloc::vec::Vec;

use super::answer::AccountAnswer;
use super::chain::{Linkable, decide_linked};
use super::refuse_if;
use crate::state::Account;
use crate::{
    AccountFlags, AccountStatus, Fact, Journal, NewAccount, State, Timestamp, Totals, Unreadable,
};

impl State {
    /// Judges new accounts in order, chain by chain, and posts and records those that are allowed.
    ///
    /// # Errors
    /// [`Unreadable`] if an earlier account's creation cannot be read. The state is then not to be
    /// used any further.
    pub fn create_accounts<J: Journal>(
        &mut self,
        journal: &mut J,
        now: Timestamp,
        accounts: &[NewAccount],
    ) -> Result<Vec<AccountAnswer>, Unreadable> {
        let imported = accounts.first().is_some_and(is_imported);
        decide_linked(&mut NewAccounts { now, imported }, self, journal, accounts)
    }

    /// The fields of the account as it was asked for when it was created.
    fn created_account<J: Journal>(
        &self,
        journal: &J,
        known: &Account,
    ) -> Result<NewAccount, Unreadable> {
        match journal.event(known.created)?.fact {
            Fact::AccountCreated(created) => Ok(created),
            _ => Err(Unreadable),
        }
    }
}

/// A request of new accounts: its clock time, and whether they are all imported.
struct NewAccounts {
    now: Timestamp,
    imported: bool,
}

/// Why an account is not created.
enum Stop {
    Refused(AccountStatus),
    Exists(Timestamp),
    Unreadable(Unreadable),
}

impl From<AccountStatus> for Stop {
    fn from(status: AccountStatus) -> Self {
        Self::Refused(status)
    }
}

fn is_imported(account: &NewAccount) -> bool {
    account.flags.contains(AccountFlags::IMPORTED)
}

impl NewAccounts {
    /// The rules up to and including whether the account exists.
    fn check_identity<J: Journal>(
        &self,
        state: &State,
        journal: &J,
        account: &NewAccount,
        at: Timestamp,
    ) -> Result<(), Stop> {
        use AccountStatus as S;

        let imported = is_imported(account);
        refuse_if(self.imported && !imported, S::ImportedEventExpected)?;
        refuse_if(!self.imported && imported, S::ImportedEventNotExpected)?;
        if imported {
            let in_range = !account.timestamp.is_zero() && account.timestamp <= Timestamp::MAX;
            refuse_if(!in_range, S::ImportedEventTimestampOutOfRange)?;
            refuse_if(
                account.timestamp >= at,
                S::ImportedEventTimestampMustNotAdvance,
            )?;
        } else {
            refuse_if(!account.timestamp.is_zero(), S::TimestampMustBeZero)?;
        }
        refuse_if(account.flags.has_reserved(), S::ReservedFlag)?;
        refuse_if(account.id.is_zero(), S::IdMustNotBeZero)?;
        refuse_if(account.id.is_max(), S::IdMustNotBeIntMax)?;
        match state.account(account.id) {
            Some(known) => Err(exists(state, journal, known, account)),
            None => Ok(()),
        }
    }

    fn judge<J: Journal>(
        &self,
        state: &State,
        journal: &J,
        account: &NewAccount,
        at: Timestamp,
    ) -> Result<(), Stop> {
        use AccountFlags as F;
        use AccountStatus as S;

        self.check_identity(state, journal, account, at)?;
        let both = F::DEBITS_MUST_NOT_EXCEED_CREDITS.with(F::CREDITS_MUST_NOT_EXCEED_DEBITS);
        refuse_if(account.flags.contains(both), S::FlagsAreMutuallyExclusive)?;
        let totals = &account.totals;
        refuse_if(!totals.debits_pending.is_zero(), S::DebitsPendingMustBeZero)?;
        refuse_if(!totals.debits_posted.is_zero(), S::DebitsPostedMustBeZero)?;
        refuse_if(
            !totals.credits_pending.is_zero(),
            S::CreditsPendingMustBeZero,
        )?;
        refuse_if(!totals.credits_posted.is_zero(), S::CreditsPostedMustBeZero)?;
        refuse_if(account.ledger.is_zero(), S::LedgerMustNotBeZero)?;
        refuse_if(account.code == 0, S::CodeMustNotBeZero)?;
        refuse_if(
            account.name.len() > NewAccount::NAME_BYTES_MAX,
            S::NameTooLong,
        )?;
        let regresses = self.imported && account.timestamp <= state.newest_account();
        refuse_if(regresses, S::ImportedEventTimestampMustNotRegress)?;
        Ok(())
    }
}

/// Compares with what was created, not with what it became.
fn exists<J: Journal>(state: &State, journal: &J, known: &Account, account: &NewAccount) -> Stop {
    use AccountStatus as S;

    if known.is_same_creation(account) {
        return Stop::Exists(known.timestamp);
    }
    let created = match state.created_account(journal, known) {
        Ok(created) => created,
        Err(unreadable) => return Stop::Unreadable(unreadable),
    };
    let differences = [
        (created.flags != account.flags, S::ExistsWithDifferentFlags),
        (
            created.user_data_128 != account.user_data_128,
            S::ExistsWithDifferentUserData128,
        ),
        (
            created.user_data_64 != account.user_data_64,
            S::ExistsWithDifferentUserData64,
        ),
        (
            created.user_data_32 != account.user_data_32,
            S::ExistsWithDifferentUserData32,
        ),
        (
            created.ledger != account.ledger,
            S::ExistsWithDifferentLedger,
        ),
        (created.code != account.code, S::ExistsWithDifferentCode),
        (
            created.overdraft_limit != account.overdraft_limit,
            S::ExistsWithDifferentOverdraftLimit,
        ),
        (
            created.balance_max != account.balance_max,
            S::ExistsWithDifferentBalanceMax,
        ),
        (created.name != account.name, S::ExistsWithDifferentName),
    ];
    match differences.into_iter().find(|&(differs, _)| differs) {
        Some((_, status)) => Stop::Refused(status),
        None => Stop::Exists(known.timestamp),
    }
}

impl<J: Journal> Linkable<J> for NewAccounts {
    type Item = NewAccount;
    type Answer = AccountAnswer;

    fn is_linked(item: &NewAccount) -> bool {
        item.flags.contains(AccountFlags::LINKED)
    }

    fn is_success(answer: &AccountAnswer) -> bool {
        answer.status == AccountStatus::Created
    }

    fn linked_event_failed() -> AccountAnswer {
        refused(AccountStatus::LinkedEventFailed)
    }

    fn linked_event_chain_open() -> AccountAnswer {
        refused(AccountStatus::LinkedEventChainOpen)
    }

    fn prepare(&mut self, _state: &mut State, _journal: &mut J, _members: &[NewAccount]) {}

    fn known(
        &self,
        state: &State,
        journal: &J,
        item: &NewAccount,
    ) -> Result<Option<AccountAnswer>, Unreadable> {
        match self.check_identity(state, journal, item, state.moment(self.now)) {
            Err(Stop::Exists(timestamp)) => Ok(Some(AccountAnswer {
                status: AccountStatus::Exists,
                timestamp,
            })),
            Err(Stop::Unreadable(unreadable)) => Err(unreadable),
            Ok(()) | Err(Stop::Refused(_)) => Ok(None),
        }
    }

    fn decide(
        &mut self,
        state: &mut State,
        journal: &mut J,
        items: &[NewAccount],
        position: usize,
    ) -> Result<AccountAnswer, Unreadable> {
        let item = &items[position];
        let at = state.moment(self.now);
        match self.judge(state, journal, item, at) {
            Ok(()) => {}
            Err(Stop::Refused(status)) => return Ok(refused(status)),
            Err(Stop::Exists(timestamp)) => {
                return Ok(AccountAnswer {
                    status: AccountStatus::Exists,
                    timestamp,
                });
            }
            Err(Stop::Unreadable(unreadable)) => return Err(unreadable),
        }
        let timestamp = if self.imported { item.timestamp } else { at };
        let created = NewAccount {
            timestamp,
            totals: Totals::ZERO,
            ..item.clone()
        };
        let linked = item.flags.contains(AccountFlags::LINKED);
        let event = state.next_event(at, linked, Fact::AccountCreated(created));
        if let Fact::AccountCreated(created) = &event.fact {
            state.post_account(created);
        }
        journal.record(&event);
        Ok(AccountAnswer {
            status: AccountStatus::Created,
            timestamp,
        })
    }

    fn refuse(
        &mut self,
        _state: &mut State,
        _journal: &mut J,
        _item: &NewAccount,
        _answer: &mut AccountAnswer,
    ) {
        // No refusal of an account uses up its id.
    }
}

fn refused(status: AccountStatus) -> AccountAnswer {
    AccountAnswer {
        status,
        timestamp: Timestamp::ZERO,
    }
}
