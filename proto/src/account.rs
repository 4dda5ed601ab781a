//! Accounts, their changes and their totals on the wire.

use ledger_core::{
    Account, AccountFlags, AccountId, AccountUpdate, Amount, LedgerId, NewAccount, Timestamp,
    Totals, UpdateId,
};

use crate::{
    FieldPath, Malformed,
    transfer::{code16, text},
    uint128::{amount, number, present},
    v1,
};

impl From<&NewAccount> for v1::Account {
    fn from(account: &NewAccount) -> Self {
        let totals = &account.totals;
        Self {
            id: present(account.id.get()),
            ledger: account.ledger.get(),
            code: account.code.into(),
            flags: account.flags.bits(),
            user_data_128: present(account.user_data_128),
            user_data_64: account.user_data_64,
            user_data_32: account.user_data_32,
            overdraft_limit: present(account.overdraft_limit.get()),
            balance_max: present(account.balance_max.get()),
            name: account.name.to_string(),
            timestamp: account.timestamp.get(),
            debits_pending: present(totals.debits_pending.get()),
            debits_posted: present(totals.debits_posted.get()),
            credits_pending: present(totals.credits_pending.get()),
            credits_posted: present(totals.credits_posted.get()),
        }
    }
}

impl v1::Account {
    /// An account as the ledger keeps it, with its name.
    #[must_use]
    pub fn found(account: &Account, name: &str) -> Self {
        let totals = &account.totals;
        Self {
            id: present(account.id.get()),
            ledger: account.ledger.get(),
            code: account.code.into(),
            flags: account.flags.bits(),
            user_data_128: present(account.user_data_128),
            user_data_64: account.user_data_64,
            user_data_32: account.user_data_32,
            overdraft_limit: present(account.overdraft_limit.get()),
            balance_max: present(account.balance_max.get()),
            name: name.to_owned(),
            timestamp: account.timestamp.get(),
            debits_pending: present(totals.debits_pending.get()),
            debits_posted: present(totals.debits_posted.get()),
            credits_pending: present(totals.credits_pending.get()),
            credits_posted: present(totals.credits_posted.get()),
        }
    }

    /// The account that this message is, asked for or found; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A code above 65535, a name that is far too long.
    pub fn read(self, at: FieldPath) -> Result<NewAccount, Malformed> {
        text(&self.name, at.with("name"))?;
        Ok(NewAccount {
            id: AccountId::new(number(self.id)),
            ledger: LedgerId::new(self.ledger),
            code: code16(self.code, at.with("code"))?,
            flags: AccountFlags::from_bits(self.flags),
            user_data_128: number(self.user_data_128),
            user_data_64: self.user_data_64,
            user_data_32: self.user_data_32,
            overdraft_limit: amount(self.overdraft_limit),
            balance_max: amount(self.balance_max),
            name: self.name.into_boxed_str(),
            timestamp: Timestamp::new(self.timestamp),
            totals: Totals {
                debits_pending: amount(self.debits_pending),
                debits_posted: amount(self.debits_posted),
                credits_pending: amount(self.credits_pending),
                credits_posted: amount(self.credits_posted),
            },
        })
    }
}

impl From<&AccountUpdate> for v1::AccountUpdate {
    fn from(update: &AccountUpdate) -> Self {
        // Here absent means unchanged, so a 0 that is meant is present.
        let cleared_or_set = |amount: Option<Amount>| amount.map(|amount| amount.get().into());
        Self {
            update_id: present(update.update_id.get()),
            id: present(update.id.get()),
            overdraft_limit: cleared_or_set(update.overdraft_limit),
            balance_max: cleared_or_set(update.balance_max),
            name: update.name.as_ref().map(ToString::to_string),
        }
    }
}

impl v1::AccountUpdate {
    /// The change that this message is; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A name that is far too long.
    pub fn read(self, at: FieldPath) -> Result<AccountUpdate, Malformed> {
        let set = |field: Option<v1::Uint128>| field.map(|field| Amount::new(field.into()));
        if let Some(name) = &self.name {
            text(name, at.with("name"))?;
        }
        Ok(AccountUpdate {
            update_id: UpdateId::new(number(self.update_id)),
            id: AccountId::new(number(self.id)),
            overdraft_limit: set(self.overdraft_limit),
            balance_max: set(self.balance_max),
            name: self.name.map(String::into_boxed_str),
        })
    }
}

impl v1::AccountBalances {
    /// The totals of an account.
    #[must_use]
    pub fn new(account: AccountId, totals: &Totals) -> Self {
        Self {
            account_id: present(account.get()),
            debits_pending: present(totals.debits_pending.get()),
            debits_posted: present(totals.debits_posted.get()),
            credits_pending: present(totals.credits_pending.get()),
            credits_posted: present(totals.credits_posted.get()),
        }
    }

    /// The account, and its totals.
    #[must_use]
    pub fn read(self) -> (AccountId, Totals) {
        let totals = Totals {
            debits_pending: amount(self.debits_pending),
            debits_posted: amount(self.debits_posted),
            credits_pending: amount(self.credits_pending),
            credits_posted: amount(self.credits_posted),
        };
        (AccountId::new(number(self.account_id)), totals)
    }
}

impl v1::TrialBalanceRow {
    /// An account in the trial balance.
    #[must_use]
    pub fn new(id: AccountId, ledger: LedgerId, code: u16, name: &str, totals: &Totals) -> Self {
        Self {
            account_id: present(id.get()),
            ledger: ledger.get(),
            code: code.into(),
            name: name.to_owned(),
            debits_pending: present(totals.debits_pending.get()),
            debits_posted: present(totals.debits_posted.get()),
            credits_pending: present(totals.credits_pending.get()),
            credits_posted: present(totals.credits_posted.get()),
        }
    }

    /// The account's totals.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals {
            debits_pending: amount(self.debits_pending),
            debits_posted: amount(self.debits_posted),
            credits_pending: amount(self.credits_pending),
            credits_posted: amount(self.credits_posted),
        }
    }
}

#[cfg(test)]
mod tests;
