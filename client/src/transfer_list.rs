//! Transfers that a filter describes.

use ledger_proto::{FieldPath, TransferFilter, TransferRecord, v1};

use crate::page::{self, List, ListOptions, Page, PageToken, sealed};
use crate::{Answer, Client, ClientError};

impl Client {
    /// The transfers that `filter` describes, as of the newest event, asked for as they are read.
    ///
    /// ```no_run
    /// # use ledger_client::{Client, ClientError, ListOptions, Range, TransferFilter, TransferState};
    /// # async fn show(client: &Client) -> Result<(), ClientError> {
    /// // What has been reserved for longer than a day.
    /// let hanging = TransferFilter {
    ///     states: vec![TransferState::Pending],
    ///     age_s: Range { min: Some(86_400), max: None },
    ///     ..TransferFilter::default()
    /// };
    /// let mut list = client.list_transfers(hanging, ListOptions::default());
    /// while let Some(page) = list.next_page().await? {
    ///     println!("{} more, as of {:?}", page.len(), list.receipt());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_transfers(
        &self,
        filter: TransferFilter,
        options: ListOptions,
    ) -> List<TransferFilter> {
        List::new(self, filter, options)
    }

    /// A page of the transfers that `filter` describes. All pages are as of the sequence of the
    /// first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn list_transfers_page(
        &self,
        filter: &TransferFilter,
        options: ListOptions,
        page_token: Option<&PageToken>,
    ) -> Result<Answer<Page<TransferRecord>>, ClientError> {
        sealed::Ask::ask(filter, self, options, page_token).await
    }
}

impl sealed::Ask for TransferFilter {
    type Row = TransferRecord;

    async fn ask(
        &self,
        client: &Client,
        options: ListOptions,
        from: Option<&PageToken>,
    ) -> Result<Answer<Page<TransferRecord>>, ClientError> {
        let request = v1::ListTransfersRequest {
            filter: Some(self.into()),
            page_size: options.page_size,
            page_token: PageToken::text(from),
            direction: v1::Direction::from(options.direction).into(),
        };
        page::ask(client, &request, from.is_none(), |answer| {
            let rows = answer.transfers.into_iter().enumerate();
            let rows = rows.map(|(index, record)| record.read(FieldPath::item("transfers", index)));
            (rows.collect(), answer.next_page_token, answer.receipt)
        })
        .await
    }
}
