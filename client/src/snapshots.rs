//! Snapshots: taken on demand, and listed.

use ledger_proto::{FieldPath, Snapshot, v1};

use crate::calls::{malformed, receipt};
use crate::{Answer, Client, ClientError};

impl Client {
    /// Has a snapshot derived from the journal's files, as of now, and waits until it is there. A
    /// named one is kept; one without a name makes way for newer ones.
    ///
    /// What is in work goes on when this call's deadline passes; the snapshot is then found with
    /// [`snapshots`](Self::snapshots).
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use ledger_client::{Client, ClientError};
    /// # async fn show(client: &Client) -> Result<(), ClientError> {
    /// let patient = client.with_deadline(Duration::from_secs(600));
    /// let snapshot = patient.create_snapshot(Some("year-end-2026")).await?.value;
    /// println!("{} as of event {}", snapshot.file, snapshot.sequence);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn create_snapshot(
        &self,
        name: Option<&str>,
    ) -> Result<Answer<Snapshot>, ClientError> {
        let request = v1::CreateSnapshotRequest {
            name: name.unwrap_or_default().to_owned(),
        };
        let known = self.calls.known();
        let answer = self.calls.call(self.deadline(), &request).await?;
        let at = FieldPath::of("snapshot");
        let snapshot = answer
            .snapshot
            .ok_or(ledger_proto::Malformed::Absent { at })
            .and_then(|snapshot| snapshot.read(at))
            .map_err(malformed)?;
        Ok(self.calls.answer(known, receipt(answer.receipt)?, snapshot))
    }

    /// The snapshots that there are, oldest first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn snapshots(&self) -> Result<Answer<Vec<Snapshot>>, ClientError> {
        let request = v1::ListSnapshotsRequest {};
        let known = self.calls.known();
        let answer = self.calls.call(self.deadline(), &request).await?;
        let mut snapshots = Vec::with_capacity(answer.snapshots.len());
        for (index, snapshot) in answer.snapshots.into_iter().enumerate() {
            let snapshot = snapshot.read(FieldPath::item("snapshots", index));
            snapshots.push(snapshot.map_err(malformed)?);
        }
        Ok(self
            .calls
            .answer(known, receipt(answer.receipt)?, snapshots))
    }
}
