//! The history of an account's totals.

use ledger_core::{AccountId, Sequence, Timestamp};
use ledger_proto::{BalanceRecord, Range, v1};

use crate::page::{self, List, ListOptions, Page, PageToken, sealed};
use crate::{Answer, Client, ClientError};

/// Which part of the history of an account's totals. Both ranges must hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BalanceHistory {
    /// The account.
    pub account: AccountId,
    /// Which events of it, by their positions in the journal.
    pub sequences: Range<Sequence>,
    /// Which events of it, by their journal times.
    pub times: Range<Timestamp>,
}

impl BalanceHistory {
    /// All of the history of an account.
    #[must_use]
    pub fn of(account: AccountId) -> Self {
        Self {
            account,
            sequences: Range::default(),
            times: Range::default(),
        }
    }
}

impl Client {
    /// The totals of an account after each of its events, as of the newest event, asked for as
    /// they are read. Of an account that there is not, none.
    ///
    /// ```no_run
    /// # use ledger_client::{BalanceHistory, Client, ClientError, ListOptions};
    /// # use ledger_core::AccountId;
    /// # async fn show(client: &Client) -> Result<(), ClientError> {
    /// let history = BalanceHistory::of(AccountId::new(7));
    /// let mut newest = client.list_balances(history, ListOptions::newest_first());
    /// if let Some(last) = newest.next().await? {
    ///     println!("credited {} until {}", last.totals.credits_posted, last.time);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_balances(
        &self,
        history: BalanceHistory,
        options: ListOptions,
    ) -> List<BalanceHistory> {
        List::new(self, history, options)
    }

    /// A page of the history of an account's totals. All pages are as of the sequence of the
    /// first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn list_balances_page(
        &self,
        history: &BalanceHistory,
        options: ListOptions,
        page_token: Option<&PageToken>,
    ) -> Result<Answer<Page<BalanceRecord>>, ClientError> {
        sealed::Ask::ask(history, self, options, page_token).await
    }
}

impl sealed::Ask for BalanceHistory {
    type Row = BalanceRecord;

    async fn ask(
        &self,
        client: &Client,
        options: ListOptions,
        from: Option<&PageToken>,
    ) -> Result<Answer<Page<BalanceRecord>>, ClientError> {
        let request = v1::ListBalancesRequest {
            account_id: Some(self.account.get().into()),
            sequences: self.sequences.wire(),
            times: self.times.wire(),
            page_size: options.page_size,
            page_token: PageToken::text(from),
            direction: v1::Direction::from(options.direction).into(),
        };
        page::ask(client, &request, from.is_none(), |answer| {
            let rows = answer.balances.into_iter().map(Into::into).collect();
            (Ok(rows), answer.next_page_token, answer.receipt)
        })
        .await
    }
}
