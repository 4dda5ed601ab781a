//! `LookupTransfers`: what transfer ids stand for, and what became of them.

mod outcome;

use std::sync::Arc;

use ledger_core::{Event, Sequence, TransferId};
use ledger_engine::{Body, Command, Context, Found};
use ledger_proto::{Receipt, Refusal, v1};
use prost::Message as _;

use self::outcome::{Entry, entry};
use super::fitting::Fitting;
use crate::{
    ask::{MISFIT, ask, read},
    desk::Desk,
    failure,
};

pub(super) async fn answer(
    desk: &Arc<Desk>,
    request: v1::LookupTransfersRequest,
) -> Result<v1::LookupTransfersResponse, Refusal> {
    let ids: Vec<_> = request
        .ids
        .into_iter()
        .map(|id| TransferId::new(id.into()))
        .collect();
    let weight = size_of_val(&ids[..]);
    let command = Command::FindTransfers(ids);
    let (receipt, body) = ask(desk, command, Context::default(), weight).await?;
    let Body::TransfersFound(found) = body else {
        return Err(MISFIT);
    };
    let sequences = sequences(&found);
    let events = if sequences.is_empty() {
        Vec::new()
    } else {
        read(desk, move |engine| {
            engine.read_events(&sequences).map_err(failure::unreadable)
        })
        .await?
    };
    compose(&receipt, &found, events, desk.limits.answer_bytes_max)
}

/// The events that tell of what was found: for each id the one that it stands for and its last
/// act, where there are such.
fn sequences(found: &[(TransferId, Found)]) -> Vec<Sequence> {
    let of = |found: &Found| match *found {
        Found::At { sequence, act, .. } => [sequence, act],
        _ => [Sequence::ZERO; 2],
    };
    found
        .iter()
        .flat_map(|(_, found)| of(found))
        .filter(|&at| at != Sequence::ZERO)
        .collect()
}

/// Puts an answer together in the order asked, as far as it fits. `events` are those of
/// [`sequences`].
fn compose(
    receipt: &Receipt,
    found: &[(TransferId, Found)],
    events: Vec<Event>,
    answer_bytes_max: usize,
) -> Result<v1::LookupTransfersResponse, Refusal> {
    let mut answer = v1::LookupTransfersResponse {
        receipt: Some(receipt.into()),
        ..Default::default()
    };
    let mut fitting = Fitting::new(answer_bytes_max);
    let mut events = events.into_iter();
    for &(id, found) in found {
        let Found::At {
            sequence,
            fenced,
            act,
            open,
        } = found
        else {
            let id = v1::Uint128::from(id.get());
            if !fitting.fits(id.encoded_len()) {
                return Ok(answer);
            }
            answer.missing.push(id);
            answer.answered += 1;
            continue;
        };
        let mut event_at = |at: Sequence| {
            (at != Sequence::ZERO)
                .then(|| {
                    events
                        .next()
                        .filter(|event| event.sequence == at)
                        .ok_or(MISFIT)
                })
                .transpose()
        };
        let (event, act) = (event_at(sequence)?, event_at(act)?);
        let entry = event
            .map(|event| entry(id, event, act.as_ref(), open))
            .transpose()?;
        let wire_id = v1::Uint128::from(id.get());
        let entry_bytes = match &entry {
            None => 0,
            Some(Entry::Record(record)) => record.encoded_len(),
            Some(Entry::UsedUp(used_up)) => used_up.encoded_len(),
        };
        if !fitting.fits(entry_bytes) || fenced && !fitting.fits(wire_id.encoded_len()) {
            return Ok(answer);
        }
        match entry {
            None => {}
            Some(Entry::Record(record)) => answer.transfers.push(*record),
            Some(Entry::UsedUp(used_up)) => answer.used_up.push(used_up),
        }
        if fenced {
            answer.fenced.push(wire_id);
        }
        answer.answered += 1;
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
