//! The trial balance: all accounts with their totals, and the proof that debits equal credits.

use ledger_core::{AccountId, LedgerId, Totals};
use ledger_proto::{LedgerProof, v1};

use crate::calls::{malformed, receipt};
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

/// Where a page begins. Good for the same question only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageToken(Box<str>);

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
        self.page(self.limit(), ledgers, page_size, page_token)
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
        let mut page = self.page(self.limit(), ledgers, PAGE_SIZE, None).await?;
        let mut whole = TrialBalance::default();
        let first = page.clone().map(|_| ());
        loop {
            whole.accounts.append(&mut page.value.accounts);
            whole.proofs.append(&mut page.value.proofs);
            let Some(next) = page.value.next else {
                return Ok(first.map(|()| whole));
            };
            page = self
                .page(self.limit(), ledgers, PAGE_SIZE, Some(&next))
                .await?;
        }
    }

    async fn page(
        &self,
        limit: TimeLimit,
        ledgers: &[LedgerId],
        page_size: u32,
        page_token: Option<&PageToken>,
    ) -> Result<Answer<TrialBalancePage>, ClientError> {
        let request = v1::GetTrialBalanceRequest {
            ledgers: ledgers.iter().map(|ledger| ledger.get()).collect(),
            page_size,
            page_token: page_token.map_or_else(String::new, |token| token.0.to_string()),
        };
        let known = self.calls.known();
        let answer = self.calls.call_until(limit, &request).await?;
        let receipt = receipt(answer.receipt)?;
        let next = answer.next_page_token;
        let accounts: Result<Vec<_>, _> = answer
            .rows
            .into_iter()
            .enumerate()
            .map(|(index, row)| entry(index, row))
            .collect();
        let page = TrialBalancePage {
            accounts: accounts?,
            proofs: answer.proofs.into_iter().map(LedgerProof::from).collect(),
            next: (!next.is_empty()).then(|| PageToken(next.into_boxed_str())),
        };
        Ok(match page_token {
            None => self.calls.answer(known, receipt, page),
            // As old as the first page, which is what was asked for.
            Some(_) => Answer {
                receipt,
                value: page,
                contradiction: None,
            },
        })
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
