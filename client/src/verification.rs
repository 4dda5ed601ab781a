//! Having the server check its files.

use ledger_proto::{VerifyPart, VerifySummary, v1};
use thiserror::Error;

use crate::calls::malformed;
use crate::failure::unreadable;
use crate::{Answer, Client, ClientError};

impl Client {
    /// Has the server read its files again and check them, while it goes on, from a segment of the
    /// journal on; `None` means from the first. `take` is given progress and findings as they
    /// come; what was verified is the answer. Findings are no errors of the call.
    ///
    /// The deadline of the client is for each part.
    ///
    /// ```no_run
    /// # use ledger_client::{Client, ClientError, VerifyPart};
    /// # async fn show(client: &Client) -> Result<(), ClientError> {
    /// let verified = client
    ///     .verify(None, |part| {
    ///         if let VerifyPart::Finding(finding) = part {
    ///             println!("{}: {} at {}", finding.severity, finding.problem, finding.file);
    ///         }
    ///     })
    ///     .await?;
    /// println!("{} errors", verified.value.errors);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn verify(
        &self,
        first_segment: Option<u64>,
        mut take: impl FnMut(VerifyPart),
    ) -> Result<Answer<VerifySummary>, ClientError> {
        let request = v1::VerifyRequest {
            first_segment: first_segment.unwrap_or(0),
        };
        let known = self.calls.known();
        let mut stream = self.calls.stream(self.deadline(), &request).await?;
        let mut summary = None;
        while let Some(message) = stream.next().await? {
            match message.read().map_err(malformed)? {
                VerifyPart::Summary(part) => summary = Some(part),
                part => take(part),
            }
        }
        let summary = summary
            .ok_or_else(|| unreadable("the verification cannot be understood", NoSummary))?;
        Ok(self.calls.answer(known, summary.receipt, summary))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("it ends without a summary")]
struct NoSummary;
