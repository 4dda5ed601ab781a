//! The rules for new accounts, in order of precedence.

use ledger_core::{AccountFlags, AccountStatus, NewAccount, Timestamp};

use super::Place;
use super::world::{Account, World};

/// Everything that the answer to a new account depends on.
pub struct AccountQuestion<'a> {
    pub world: &'a World,
    /// The journal time at which it is judged.
    pub moment: Timestamp,
    pub asked: &'a NewAccount,
    pub place: Place,
}

impl AccountQuestion<'_> {
    pub fn existing(&self) -> Option<&Account> {
        self.world.accounts.get(&self.asked.id)
    }

    fn imported(&self) -> bool {
        self.asked.flags.contains(AccountFlags::IMPORTED)
    }

    fn differs<T: PartialEq>(&self, field: impl Fn(&NewAccount) -> T) -> bool {
        self.existing()
            .is_some_and(|e| field(&e.as_created) != field(self.asked))
    }

    /// Every status that could refuse this account, in order of precedence.
    pub fn refusals(&self) -> Vec<AccountStatus> {
        let applying = ACCOUNT_RULES.iter().filter(|(_, applies)| applies(self));
        applying.map(|(status, _)| *status).collect()
    }
}

impl World {
    /// Every status that could refuse this account, in order of precedence.
    pub fn account_refusals(
        &self,
        now: Timestamp,
        asked: &NewAccount,
        place: Place,
    ) -> Vec<AccountStatus> {
        let moment = self.moment(now);
        AccountQuestion {
            world: self,
            moment,
            asked,
            place,
        }
        .refusals()
    }
}

type Applies = fn(&AccountQuestion<'_>) -> bool;

/// Each rule says whether it would refuse, whatever the others say.
pub const ACCOUNT_RULES: &[(AccountStatus, Applies)] = &[
    (AccountStatus::LinkedEventChainOpen, |q| {
        q.place.leaves_chain_open
    }),
    (AccountStatus::LinkedEventFailed, |q| q.place.chain_broken),
    (AccountStatus::ImportedEventExpected, |q| {
        q.place.first_imported && !q.imported()
    }),
    (AccountStatus::ImportedEventNotExpected, |q| {
        !q.place.first_imported && q.imported()
    }),
    (AccountStatus::TimestampMustBeZero, |q| {
        !q.imported() && !q.asked.timestamp.is_zero()
    }),
    (AccountStatus::ImportedEventTimestampOutOfRange, |q| {
        q.imported() && (q.asked.timestamp.is_zero() || q.asked.timestamp > Timestamp::MAX)
    }),
    (AccountStatus::ImportedEventTimestampMustNotAdvance, |q| {
        q.imported() && q.asked.timestamp >= q.moment
    }),
    (AccountStatus::ReservedFlag, |q| {
        q.asked.flags.bits() >= 1 << 6
    }),
    (AccountStatus::IdMustNotBeZero, |q| q.asked.id.is_zero()),
    (AccountStatus::IdMustNotBeIntMax, |q| q.asked.id.is_max()),
    (AccountStatus::ExistsWithDifferentFlags, |q| {
        q.differs(|a| a.flags)
    }),
    (AccountStatus::ExistsWithDifferentUserData128, |q| {
        q.differs(|a| a.user_data_128)
    }),
    (AccountStatus::ExistsWithDifferentUserData64, |q| {
        q.differs(|a| a.user_data_64)
    }),
    (AccountStatus::ExistsWithDifferentUserData32, |q| {
        q.differs(|a| a.user_data_32)
    }),
    (AccountStatus::ExistsWithDifferentLedger, |q| {
        q.differs(|a| a.ledger)
    }),
    (AccountStatus::ExistsWithDifferentCode, |q| {
        q.differs(|a| a.code)
    }),
    (AccountStatus::ExistsWithDifferentOverdraftLimit, |q| {
        q.differs(|a| a.overdraft_limit)
    }),
    (AccountStatus::ExistsWithDifferentBalanceMax, |q| {
        q.differs(|a| a.balance_max)
    }),
    (AccountStatus::ExistsWithDifferentName, |q| {
        q.differs(|a| a.name.clone())
    }),
    (AccountStatus::Exists, |q| {
        q.existing().is_some()
            && !q.differs(|a| (a.flags, a.user_data_128, a.user_data_64, a.user_data_32))
            && !q.differs(|a| (a.ledger, a.code, a.overdraft_limit, a.balance_max))
            && !q.differs(|a| a.name.clone())
    }),
    (AccountStatus::FlagsAreMutuallyExclusive, |q| {
        q.asked
            .flags
            .contains(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS)
            && q.asked
                .flags
                .contains(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS)
    }),
    (AccountStatus::DebitsPendingMustBeZero, |q| {
        !q.asked.totals.debits_pending.is_zero()
    }),
    (AccountStatus::DebitsPostedMustBeZero, |q| {
        !q.asked.totals.debits_posted.is_zero()
    }),
    (AccountStatus::CreditsPendingMustBeZero, |q| {
        !q.asked.totals.credits_pending.is_zero()
    }),
    (AccountStatus::CreditsPostedMustBeZero, |q| {
        !q.asked.totals.credits_posted.is_zero()
    }),
    (AccountStatus::LedgerMustNotBeZero, |q| {
        q.asked.ledger.is_zero()
    }),
    (AccountStatus::CodeMustNotBeZero, |q| q.asked.code == 0),
    (AccountStatus::NameTooLong, |q| q.asked.name.len() > 255),
    (AccountStatus::ImportedEventTimestampMustNotRegress, |q| {
        q.imported() && q.asked.timestamp <= q.world.newest_account()
    }),
];
