//! Accounts: creation, changes, and what they are now.

use ledger_core::{
    AccountAnswer, AccountFlags, AccountId, AccountUpdate, Amount, LedgerId, NewAccount, Timestamp,
    Totals, UpdateAnswer,
};
use ledger_proto::{At, FieldPath, v1};

use crate::calls::{malformed, one_each, receipt};
use crate::{Answer, Client, ClientError};

/// An account as it is now.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct AccountEntry {
    /// Its id.
    pub id: AccountId,
    /// Its ledger.
    pub ledger: LedgerId,
    /// What kind of account it is, in the client's terms.
    pub code: u16,
    /// Its flags now.
    pub flags: AccountFlags,
    /// The client's.
    pub user_data_128: u128,
    /// The client's.
    pub user_data_64: u64,
    /// The client's.
    pub user_data_32: u32,
    /// How far the side that a flag limits may go beyond the other one.
    pub overdraft_limit: Amount,
    /// The ceiling of the balance; zero means none.
    pub balance_max: Amount,
    /// Its name; may be empty.
    pub name: Box<str>,
    /// When it was created.
    pub timestamp: Timestamp,
    /// Its four totals.
    pub totals: Totals,
}

impl From<NewAccount> for AccountEntry {
    /// On the wire an account that was found has the shape of one that is asked for.
    fn from(account: NewAccount) -> Self {
        let NewAccount {
            id,
            ledger,
            code,
            flags,
            user_data_128,
            user_data_64,
            user_data_32,
            overdraft_limit,
            balance_max,
            name,
            timestamp,
            totals,
        } = account;
        Self {
            id,
            ledger,
            code,
            flags,
            user_data_128,
            user_data_64,
            user_data_32,
            overdraft_limit,
            balance_max,
            name,
            timestamp,
            totals,
        }
    }
}

/// What became of a lookup of accounts.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AccountsFound {
    /// The accounts that there are, in the order asked.
    pub found: Vec<AccountEntry>,
    /// The ids that stand for no account, in the order asked.
    pub missing: Vec<AccountId>,
}

/// The totals of accounts, all at one sequence.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct BalancesFound {
    /// The totals of the accounts that there are, in the order asked.
    pub found: Vec<(AccountId, Totals)>,
    /// The ids that stand for no account, in the order asked.
    pub missing: Vec<AccountId>,
}

impl Client {
    /// Creates accounts. One answer for each, in order.
    ///
    /// # Errors
    /// See [`ClientError`]. An account that is refused is a status, not an error.
    pub async fn create_accounts(
        &self,
        accounts: &[NewAccount],
    ) -> Result<Answer<Vec<AccountAnswer>>, ClientError> {
        let request = v1::CreateAccountsRequest {
            accounts: accounts.iter().map(Into::into).collect(),
        };
        let known = self.calls.known();
        let answer = self.calls.call(self.deadline(), &request).await?;
        one_each(accounts.len(), &answer.results)?;
        let mut answers = Vec::with_capacity(answer.results.len());
        for (index, result) in answer.results.into_iter().enumerate() {
            let result = result.read(FieldPath::item("results", index));
            let (status, timestamp) = result.map_err(malformed)?;
            answers.push(AccountAnswer { status, timestamp });
        }
        Ok(self.calls.answer(known, receipt(answer.receipt)?, answers))
    }

    /// Changes limits and names of accounts. One answer for each, in order.
    ///
    /// # Errors
    /// See [`ClientError`]. A change that is refused is a status, not an error.
    pub async fn update_accounts(
        &self,
        updates: &[AccountUpdate],
    ) -> Result<Answer<Vec<UpdateAnswer>>, ClientError> {
        let request = v1::UpdateAccountsRequest {
            updates: updates.iter().map(Into::into).collect(),
        };
        let known = self.calls.known();
        let answer = self.calls.call(self.deadline(), &request).await?;
        one_each(updates.len(), &answer.results)?;
        let mut answers = Vec::with_capacity(answer.results.len());
        for (index, result) in answer.results.into_iter().enumerate() {
            let result = result.read(FieldPath::item("results", index));
            let (status, timestamp) = result.map_err(malformed)?;
            answers.push(UpdateAnswer { status, timestamp });
        }
        Ok(self.calls.answer(known, receipt(answer.receipt)?, answers))
    }

    /// Accounts by id, as they are now. Where it takes several requests, since an answer is
    /// limited in size, later ones may be newer than the receipt.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn lookup_accounts(
        &self,
        ids: &[AccountId],
    ) -> Result<Answer<AccountsFound>, ClientError> {
        let limit = self.limit();
        let mut all = AccountsFound::default();
        let mut rest = ids;
        let mut first = None;
        loop {
            let request = v1::LookupAccountsRequest {
                ids: rest.iter().map(|id| id.get().into()).collect(),
            };
            let known = self.calls.known();
            let answer = self.calls.call_until(limit, &request).await?;
            for (index, account) in answer.accounts.into_iter().enumerate() {
                let account = account.read(FieldPath::item("accounts", index));
                all.found.push(account.map_err(malformed)?.into());
            }
            all.missing.extend(
                answer
                    .missing
                    .into_iter()
                    .map(|id| AccountId::new(id.into())),
            );
            let told = self.calls.answer(known, receipt(answer.receipt)?, ());
            let first = first.get_or_insert(told);
            rest = still_to_ask(rest, answer.answered);
            if rest.is_empty() {
                return Ok(first.clone().map(|()| all));
            }
        }
    }

    /// The totals of accounts, all at one sequence.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn get_balances(
        &self,
        ids: &[AccountId],
    ) -> Result<Answer<BalancesFound>, ClientError> {
        self.balances_at(ids, At::Now).await
    }

    /// The totals of accounts, all at one sequence: that of the receipt, which is the end of the
    /// last request that lies wholly before or at the point that is asked for. An account that was
    /// created later is missing.
    ///
    /// ```no_run
    /// # use ledger_client::{At, Client, ClientError};
    /// # use ledger_core::{AccountId, Timestamp};
    /// # async fn show(client: &Client, year_end: Timestamp) -> Result<(), ClientError> {
    /// let then = client.balances_at(&[AccountId::new(7)], At::Time(year_end)).await?;
    /// for (id, totals) in &then.value.found {
    ///     println!("{id}: {} as of event {}", totals.credits_posted, then.receipt.sequence);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ClientError`]. A point beyond the end is refused as
    /// [`Reason::BeyondEnd`](crate::Reason::BeyondEnd).
    pub async fn balances_at(
        &self,
        ids: &[AccountId],
        at: At,
    ) -> Result<Answer<BalancesFound>, ClientError> {
        let request = v1::GetBalancesRequest {
            ids: ids.iter().map(|id| id.get().into()).collect(),
            at: at.into(),
        };
        let known = self.calls.known();
        let answer = self.calls.call(self.deadline(), &request).await?;
        let balances = BalancesFound {
            found: answer
                .balances
                .into_iter()
                .map(v1::AccountBalances::read)
                .collect(),
            missing: answer
                .missing
                .into_iter()
                .map(|id| AccountId::new(id.into()))
                .collect(),
        };
        let receipt = receipt(answer.receipt)?;
        Ok(self.calls.page(known, receipt, balances, at == At::Now))
    }
}

/// The ids that an answer did not speak of. An answer that speaks of none would never end the
/// asking, so it counts as speaking of all: they are then in none of its lists.
pub(crate) fn still_to_ask<T>(asked: &[T], answered: u32) -> &[T] {
    match usize::try_from(answered) {
        Ok(0) | Err(_) => &[],
        Ok(answered) => asked.get(answered..).unwrap_or(&[]),
    }
}
