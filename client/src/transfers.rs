//! Transfers: creation, alone, in batches and in chains, and what became of them.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use ledger_core::{
    Timestamp, Transfer, TransferAnswer, TransferAnswers, TransferFlags, TransferId,
};
use ledger_proto::{
    FieldPath, TransferBatch, TransferBatchAnswer, TransferRecord, UsedUpTransfer, v1,
};

use crate::accounts::still_to_ask;
use crate::calls::{CREATE_TRANSFERS, Calls, malformed, one_each, receipt};
use crate::coalesce::{Carrier, may_travel_together};
use crate::exchange::framed;
use crate::retry::TimeLimit;
use crate::{Answer, Client, ClientError, CreateOptions};

/// What became of a lookup of transfers. An id may be both used up and fenced.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TransfersFound {
    /// The transfers that there are, in the order asked.
    pub found: Vec<TransferRecord>,
    /// The ids that stand for nothing, in the order asked.
    pub missing: Vec<TransferId>,
    /// The ids that a refusal used up, in the order asked.
    pub used_up: Vec<UsedUpTransfer>,
    /// The ids that a fence keeps from ever existing, in the order asked.
    pub fenced: Vec<TransferId>,
}

impl Client {
    /// Has transfers decided, in their order, in one request of their own. One answer for each.
    ///
    /// # Errors
    /// See [`ClientError`]. A transfer that is refused is a status, not an error.
    pub async fn create_transfers<'a>(
        &self,
        transfers: impl Into<Cow<'a, [Transfer]>>,
        options: &CreateOptions,
    ) -> Result<Answer<TransferAnswers>, ClientError> {
        let transfers = transfers.into().into_owned();
        self.calls.carry(transfers, options, self.limit()).await
    }

    /// Has one transfer decided; together with those of concurrent calls if the client was made
    /// with [`ClientOptions::coalesce`](crate::ClientOptions::coalesce).
    ///
    /// # Errors
    /// See [`ClientError`]. A transfer that is refused is a status, not an error.
    pub async fn create_transfer(
        &self,
        transfer: Transfer,
    ) -> Result<Answer<TransferAnswer>, ClientError> {
        let coalescer = self.coalescer.as_deref();
        match coalescer.filter(|_| may_travel_together(std::slice::from_ref(&transfer))) {
            Some(coalescer) => coalescer.transfer(transfer, self.limit()).await,
            None => {
                let options = CreateOptions::default();
                let answer = self
                    .calls
                    .carry(vec![transfer], &options, self.limit())
                    .await?;
                Ok(answer.map(|value| value.answers[0]))
            }
        }
    }

    /// Has a chain decided: all of it takes effect or none. The flag that ties the transfers
    /// together is set here. Travels with concurrent calls that have equal options, like
    /// [`create_transfer`](Self::create_transfer).
    ///
    /// # Errors
    /// See [`ClientError`]. A chain that is refused is statuses, not an error.
    ///
    /// # Panics
    /// If the chain is empty.
    pub async fn create_chain(
        &self,
        mut chain: Vec<Transfer>,
        options: &CreateOptions,
    ) -> Result<Answer<TransferAnswers>, ClientError> {
        let (last, others) = chain
            .split_last_mut()
            .expect("a chain has at least one transfer");
        last.flags = last.flags.without(TransferFlags::LINKED);
        for other in others {
            other.flags = other.flags.with(TransferFlags::LINKED);
        }
        let coalescer = self.coalescer.as_deref().filter(|coalescer| {
            chain.len() <= coalescer.events_max() && may_travel_together(&chain)
        });
        match coalescer {
            Some(coalescer) => coalescer.transfers(chain, options, self.limit()).await,
            None => self.calls.carry(chain, options, self.limit()).await,
        }
    }

    /// Transfers by id, with what became of them. Where it takes several requests, since an answer
    /// is limited in size, later ones may be newer than the receipt.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn lookup_transfers(
        &self,
        ids: &[TransferId],
    ) -> Result<Answer<TransfersFound>, ClientError> {
        let limit = self.limit();
        let mut all = TransfersFound::default();
        let mut rest = ids;
        let mut first = None;
        loop {
            let request = v1::LookupTransfersRequest {
                ids: rest.iter().map(|id| id.get().into()).collect(),
            };
            let known = self.calls.known();
            let answer = self.calls.call_until(limit, &request).await?;
            for (index, record) in answer.transfers.into_iter().enumerate() {
                let record = record.read(FieldPath::item("transfers", index));
                all.found.push(record.map_err(malformed)?);
            }
            for (index, used_up) in answer.used_up.into_iter().enumerate() {
                let used_up = used_up.read(FieldPath::item("used_up", index));
                all.used_up.push(used_up.map_err(malformed)?);
            }
            let ids = |ids: Vec<v1::Uint128>| ids.into_iter().map(|id| TransferId::new(id.into()));
            all.missing.extend(ids(answer.missing));
            all.fenced.extend(ids(answer.fenced));
            let told = self.calls.answer(known, receipt(answer.receipt)?, ());
            let first = first.get_or_insert(told);
            rest = still_to_ask(rest, answer.answered);
            if rest.is_empty() {
                return Ok(first.clone().map(|()| all));
            }
        }
    }
}

impl Carrier for Calls {
    async fn carry(
        &self,
        transfers: Vec<Transfer>,
        options: &CreateOptions,
        limit: TimeLimit,
    ) -> Result<Answer<TransferAnswers>, ClientError> {
        let metadata = metadata(options);
        let (message, transfers) = encode(transfers, options);
        let known = self.known();
        let answer = self
            .send(limit, CREATE_TRANSFERS, &metadata, message)
            .await?;
        let answer = TransferBatchAnswer::decode(&answer).map_err(malformed)?;
        let TransferBatchAnswer {
            receipt,
            results,
            balances,
        } = answer;
        one_each(transfers.len(), &results)?;
        let told = results.into_iter().zip(&transfers);
        let answers = TransferAnswers {
            answers: told
                .map(|(result, transfer)| result.answer(transfer.amount))
                .collect(),
            balances,
            // Whatever it was judged by is durable by the time that it is told.
            depends_on_time: false,
        };
        Ok(self.answer(known, receipt, answers))
    }
}

/// The bytes of a request, and its transfers back.
fn encode(transfers: Vec<Transfer>, options: &CreateOptions) -> (Bytes, Vec<Transfer>) {
    /// What most transfers fit in.
    const TRANSFER_BYTES: usize = 128;
    let batch = TransferBatch {
        transfers,
        deadline: options.deadline.unwrap_or(Timestamp::ZERO),
        dry_run: options.dry_run,
        return_balances: options.return_balances,
        origin: options.origin.clone(),
    };
    let room = batch.transfers.len() * TRANSFER_BYTES + 64;
    let message = framed(room, |bytes| batch.encode(bytes));
    (message, batch.transfers)
}

fn metadata(options: &CreateOptions) -> HeaderMap {
    let mut metadata = HeaderMap::new();
    // A trace context that no header can carry is no reason not to move money.
    let traceparent = options.traceparent.as_deref();
    if let Some(value) = traceparent.and_then(|text| HeaderValue::try_from(text).ok()) {
        metadata.insert("traceparent", value);
    }
    metadata
}
