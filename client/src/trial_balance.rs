//! The trial balance: all accounts with their totals, and the proof that debits equal credits.

use ledger_core::{AccountId, LedgerId, Totals};
use ledger_proto::{At, LedgerProof, v1};

use crate::calls::{malformed, receipt};
use crate::page::PageToken;
use crate::retry::TimeLimit;
use crate::{Answer, Client, ClientError};

/// An account in the trial balance.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct TrialBalanceEntry {
    /// The account.
    pub account_id: AccountId,
    /// Its ledger.
    pub ledger: LedgerId,
    /// What kind of account it is, in the client's terms.
    pub code: u16,
    /// Its name; may be empty.
    pub name: Box<str>,
    /// Its four totals.
    pub totals: Totals,
}

/// All accounts of the ledgers asked for, all at one sequence.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TrialBalance {
    /// In the order in which they were created.
    pub accounts: Vec<TrialBalanceEntry>,
    /// The sums over all accounts of each ledger, as the server keeps them, by id.
    pub proofs: Vec<LedgerProof>,
}

/// A page of the trial balance.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct TrialBalancePage {
    /// In the order in which they were created; may be fewer than asked for, even none.
    pub accounts: Vec<TrialBalanceEntry>,
    /// The sums over all accounts of each ledger, by id; on the first page only.
    pub proofs: Vec<LedgerProof>,
    /// Where the next page begins; only its absence means the end.
    pub next: Option<PageToken>,
}

/// The most rows of a page that the client asks for by itself.
const PAGE_SIZE: u32 = 8192;

impl Client {
    /// A page of the trial balance of some ledgers, none meaning all. All pages are as of the
    /// sequence of the first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn trial_balance_page(
        &self,
        ledgers: &[LedgerId],
        page_size: u32,
        page_token: Option<&PageToken>,
    ) -> Result<Answer<TrialBalancePage>, ClientError> {
        self.trial_balance_page_at(ledgers, At::Now, page_size, page_token)
            .await
    }

    /// A page of the trial balance as it was at a point; the token of a page is good for the same
    /// point only.
    ///
    /// # Errors
    /// See [`ClientError`]. A point beyond the end is refused as
    /// [`Reason::BeyondEnd`](crate::Reason::BeyondEnd).
    pub async fn trial_balance_page_at(
        &self,
        ledgers: &[LedgerId],
        at: At,
        page_size: u32,
        page_token: Option<&PageToken>,
    ) -> Result<Answer<TrialBalancePage>, ClientError> {
        self.page(self.limit(), ledgers, at, page_size, page_token)
            .await
    }

    /// The whole trial balance of some ledgers, none meaning all.
    ///
    /// # Errors
    /// See [`ClientError`]. The deadline is for each page.
    pub async fn trial_balance(
        &self,
        ledgers: &[LedgerId],
    ) -> Result<Answer<TrialBalance>, ClientError> {
        self.trial_balance_at(ledgers, At::Now).await
    }

    /// The whole trial balance as it was at a point: at the end of the last request that lies
    /// wholly before or at it.
    ///
    /// ```no_run
    /// # use ledger_client::{At, Client, ClientError};
    /// # use ledger_core::Sequence;
    /// # async fn show(client: &Client) -> Result<(), ClientError> {
    /// let then = client.trial_balance_at(&[], At::Sequence(Sequence::new(1_000))).await?;
    /// assert!(then.value.proofs.iter().all(|proof| proof.is_balanced()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ClientError`]. The deadline is for each page. A point beyond the end is refused as
    /// [`Reason::BeyondEnd`](crate::Reason::BeyondEnd).
    pub async fn trial_balance_at(
        &self,
        ledgers: &[LedgerId],
        at: At,
    ) -> Result<Answer<TrialBalance>, ClientError> {
        let ask = async |token: Option<&PageToken>| {
            self.page(self.limit(), ledgers, at, PAGE_SIZE, token).await
        };
        let mut page = ask(None).await?;
        let mut whole = TrialBalance::default();
        let first = page.clone().map(|_| ());
        loop {
            whole.accounts.append(&mut page.value.accounts);
            whole.proofs.append(&mut page.value.proofs);
            let Some(next) = page.value.next else {
                return Ok(first.map(|()| whole));
            };
            page = ask(Some(&next)).await?;
        }
    }

    async fn page(
        &self,
        limit: TimeLimit,
        ledgers: &[LedgerId],
        at: At,
        page_size: u32,
        page_token: Option<&PageToken>,
    ) -> Result<Answer<TrialBalancePage>, ClientError> {
        let request = v1::GetTrialBalanceRequest {
            ledgers: ledgers.iter().map(|ledger| ledger.get()).collect(),
            at: at.into(),
            page_size,
            page_token: PageToken::text(page_token),
        };
        let known = self.calls.known();
        let answer = self.calls.call_until(limit, &request).await?;
        let receipt = receipt(answer.receipt)?;
        let accounts: Result<Vec<_>, _> = answer
            .rows
            .into_iter()
            .enumerate()
            .map(|(index, row)| entry(index, row))
            .collect();
        let page = TrialBalancePage {
            accounts: accounts?,
            proofs: answer.proofs.into_iter().map(LedgerProof::from).collect(),
            next: PageToken::of(answer.next_page_token),
        };
        let is_newest = at == At::Now && page_token.is_none();
        Ok(self.calls.page(known, receipt, page, is_newest))
    }
}

fn entry(index: usize, row: v1::TrialBalanceRow) -> Result<TrialBalanceEntry, ClientError> {
    let at = ledger_proto::FieldPath::item("rows", index);
    let totals = row.totals();
    let code = u16::try_from(row.code).map_err(|_| {
        malformed(ledger_proto::Malformed::NumberTooLarge {
            at: at.with("code"),
            number: row.code.into(),
            number_max: u16::MAX.into(),
        })
    })?;
    Ok(TrialBalanceEntry {
        account_id: AccountId::new(row.account_id.map_or(0, u128::from)),
        ledger: LedgerId::new(row.ledger),
        code,
        name: row.name.into_boxed_str(),
        totals,
    })
}
