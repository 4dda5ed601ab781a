//! Accounts that a filter describes.

use ledger_proto::{AccountFilter, FieldPath, v1};

use crate::calls::{malformed, receipt};
use crate::page::{List, ListOptions, Page, PageToken, sealed};
use crate::{AccountEntry, Answer, Client, ClientError};

impl Client {
    /// The accounts that `filter` describes, as of the newest event, asked for as they are read.
    ///
    /// ```no_run
    /// # use ledger_client::{AccountFilter, Client, ClientError, ListOptions};
    /// # async fn show(client: &Client) -> Result<(), ClientError> {
    /// let assets = AccountFilter {
    ///     name_prefix: "Assets:".into(),
    ///     ..AccountFilter::default()
    /// };
    /// for account in client.list_accounts(assets, ListOptions::default()).all().await? {
    ///     println!("{} {}", account.id, account.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_accounts(
        &self,
        filter: AccountFilter,
        options: ListOptions,
    ) -> List<AccountFilter> {
        List::new(self, filter, options)
    }

    /// A page of the accounts that `filter` describes. All pages are as of the sequence of the
    /// first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn list_accounts_page(
        &self,
        filter: &AccountFilter,
        options: ListOptions,
        page_token: Option<&PageToken>,
    ) -> Result<Answer<Page<AccountEntry>>, ClientError> {
        sealed::Ask::ask(filter, self, options, page_token).await
    }
}

impl sealed::Ask for AccountFilter {
    type Row = AccountEntry;

    async fn ask(
        &self,
        client: &Client,
        options: ListOptions,
        from: Option<&PageToken>,
    ) -> Result<Answer<Page<AccountEntry>>, ClientError> {
        let request = v1::ListAccountsRequest {
            filter: Some(self.into()),
            page_size: options.page_size,
            page_token: PageToken::text(from),
            direction: v1::Direction::from(options.direction).into(),
        };
        let known = client.calls.known();
        let answer = client.calls.call(client.deadline(), &request).await?;
        let mut rows = Vec::with_capacity(answer.accounts.len());
        for (index, account) in answer.accounts.into_iter().enumerate() {
            let account = account.read(FieldPath::item("accounts", index));
            rows.push(account.map_err(malformed)?.into());
        }
        let page = Page {
            rows,
            next: PageToken::of(answer.next_page_token),
        };
        let receipt = receipt(answer.receipt)?;
        Ok(client.calls.page(known, receipt, page, from.is_none()))
    }
}
