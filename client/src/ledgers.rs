//! Ledgers: registration, and all of them with their totals.

use ledger_core::{Ledger, LedgerStatus, NewLedger};
use ledger_proto::{FieldPath, v1};

use crate::calls::{malformed, one_each, receipt};
use crate::{Answer, Client, ClientError};

impl Client {
    /// Gives ledgers a code and a scale, so that people can read their amounts. One status for
    /// each, in order.
    ///
    /// # Errors
    /// See [`ClientError`]. A ledger that is not registered is a status, not an error.
    pub async fn register_ledgers(
        &self,
        ledgers: &[NewLedger],
    ) -> Result<Answer<Vec<LedgerStatus>>, ClientError> {
        let request = v1::RegisterLedgersRequest {
            ledgers: ledgers.iter().map(Into::into).collect(),
        };
        let known = self.calls.known();
        let answer = self.calls.call(self.deadline(), &request).await?;
        one_each(ledgers.len(), &answer.results)?;
        let statuses = answer.results.into_iter().enumerate();
        let statuses: Result<_, _> = statuses
            .map(|(index, result)| result.read(FieldPath::item("results", index)))
            .collect();
        let receipt = receipt(answer.receipt)?;
        Ok(self
            .calls
            .answer(known, receipt, statuses.map_err(malformed)?))
    }

    /// All ledgers with their totals, by id. Where it takes several pages, later ones may be newer
    /// than the receipt.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn list_ledgers(&self) -> Result<Answer<Vec<Ledger>>, ClientError> {
        let limit = self.limit();
        let mut request = v1::ListLedgersRequest::default();
        let mut ledgers = Vec::new();
        let mut first = None;
        loop {
            let known = self.calls.known();
            let page = self.calls.call_until(limit, &request).await?;
            ledgers.extend(page.ledgers.into_iter().map(Ledger::from));
            let told = self.calls.answer(known, receipt(page.receipt)?, ());
            let first = first.get_or_insert(told);
            if page.next_page_token.is_empty() {
                return Ok(first.clone().map(|()| ledgers));
            }
            request.page_token = page.next_page_token;
        }
    }
}
