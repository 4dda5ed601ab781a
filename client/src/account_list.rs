//! Accounts that a filter describes.

use ledger_proto::{AccountFilter, FieldPath, v1};

use crate::page::{self, List, ListOptions, Page, PageToken, sealed};
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
        page::ask(client, &request, from.is_none(), |answer| {
            let rows = answer.accounts.into_iter().enumerate();
            let rows = rows.map(|(index, account)| {
                Ok(account.read(FieldPath::item("accounts", index))?.into())
            });
            (rows.collect(), answer.next_page_token, answer.receipt)
        })
        .await
    }
}
