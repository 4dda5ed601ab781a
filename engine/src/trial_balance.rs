//! The trial balance: the totals of every account and the proof that they balance, all as of one
//! sequence, taken without stalling the writer.
//!
//! The writer answers in chunks of accounts in the order of their creation, each as of the moment
//! it is asked. A reader then puts every account back to one sequence S: every event carries the
//! totals after it, so an account that changed after S stood at S as it stood before its first
//! event after S, which is what that event says minus what it did. No state is kept between pages.

use std::collections::HashMap;
use std::ops::ControlFlow;

use ledger_core::{Account, AccountId, Event, LedgerId, Sequence, State, Sum, Timestamp, Totals};

use crate::reading::EventSource;
use crate::{QueryError, ReadError};

/// The most accounts that the writer looks at in one turn.
pub(crate) const ACCOUNTS_PER_TURN: usize = 4096;
/// The most turns of the writer that one page takes.
const TURNS_PER_PAGE: usize = 16;
/// The most rows of a page.
pub(crate) const ROWS_MAX: usize = 8192;

/// One page of a trial balance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrialBalancePage {
    /// The sequence that every figure is as of; to be given back for the next page.
    pub sequence: Sequence,
    /// The newest journal time that the answer knows of, at or after `sequence`.
    pub time: Timestamp,
    /// Accounts in the order of their creation. May be fewer than asked, even none, before the
    /// end.
    pub accounts: Vec<TrialBalanceRow>,
    /// The proof of each ledger asked for, by id. Only where no sequence was given: on the first
    /// page.
    pub proofs: Vec<LedgerProof>,
    /// Where the next page begins; `None` at the end.
    pub next_position: Option<u64>,
}

/// One account in a trial balance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrialBalanceRow {
    /// The account.
    pub id: AccountId,
    /// Its ledger.
    pub ledger: LedgerId,
    /// Its code.
    pub code: u16,
    /// The event that gave it its present name; zero if it has none.
    pub named: Sequence,
    /// Its totals.
    pub totals: Totals,
}

/// Debits and credits of a ledger, kept as running sums: each pair must be equal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerProof {
    /// The ledger.
    pub ledger: LedgerId,
    /// Its code; empty if it is not registered.
    pub code: Box<str>,
    /// Its decimal places.
    pub scale: u32,
    /// Sum over its accounts.
    pub debits_pending: Sum,
    /// Sum over its accounts.
    pub debits_posted: Sum,
    /// Sum over its accounts.
    pub credits_pending: Sum,
    /// Sum over its accounts.
    pub credits_posted: Sum,
}

impl LedgerProof {
    /// Whether debits equal credits, pending and posted each.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.debits_pending == self.credits_pending && self.debits_posted == self.credits_posted
    }
}

/// What a reader asks of the writer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ChunkQuestion {
    /// The ledgers to tell of; none means all.
    pub(crate) ledgers: Box<[LedgerId]>,
    /// The first account to look at, in the order of creation.
    pub(crate) position: usize,
    /// The most rows to give.
    pub(crate) rows_max: usize,
    /// Whether to tell the ledgers' sums.
    pub(crate) proofs: bool,
}

/// Accounts as they stand at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Chunk {
    pub(crate) sequence: Sequence,
    pub(crate) time: Timestamp,
    pub(crate) rows: Vec<ChunkRow>,
    pub(crate) proofs: Vec<LedgerProof>,
    /// The first account that was not looked at, if there is one.
    pub(crate) next: Option<usize>,
}

/// An account as it stands, with what is needed to put it back in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ChunkRow {
    row: TrialBalanceRow,
    created: Sequence,
    changed: Sequence,
}

impl ChunkRow {
    fn new(account: &Account) -> Self {
        Self {
            row: TrialBalanceRow {
                id: account.id,
                ledger: account.ledger,
                code: account.code,
                named: account.named,
                totals: account.totals,
            },
            created: account.created,
            changed: account.changed,
        }
    }
}

/// The writer's part: the next accounts as they stand.
pub(crate) fn take_chunk(state: &State, question: &ChunkQuestion) -> Chunk {
    let asked = |ledger| question.ledgers.is_empty() || question.ledgers.contains(&ledger);
    let mut position = question.position;
    let end = position
        .saturating_add(ACCOUNTS_PER_TURN)
        .min(state.account_count());
    let mut rows = Vec::new();
    for account in state.accounts_from(position.min(end)) {
        if position >= end || rows.len() >= question.rows_max {
            break;
        }
        if asked(account.ledger) {
            rows.push(ChunkRow::new(account));
        }
        position += 1;
    }
    let proofs = if question.proofs {
        state
            .ledgers()
            .filter(|ledger| asked(ledger.id))
            .map(proof)
            .collect()
    } else {
        Vec::new()
    };
    Chunk {
        sequence: state.sequence(),
        time: state.time(),
        rows,
        proofs,
        next: (position < state.account_count()).then_some(position),
    }
}

fn proof(ledger: &ledger_core::Ledger) -> LedgerProof {
    LedgerProof {
        ledger: ledger.id,
        code: ledger.code.clone(),
        scale: ledger.scale,
        debits_pending: ledger.debits_pending,
        debits_posted: ledger.debits_posted,
        credits_pending: ledger.credits_pending,
        credits_posted: ledger.credits_posted,
    }
}

/// The reader's part: asks for chunks until the page is full, and puts every account back to one
/// sequence.
pub(crate) fn page(
    ledgers: &[LedgerId],
    at: Option<Sequence>,
    position: u64,
    limit: usize,
    events: &dyn EventSource,
    mut ask: impl FnMut(ChunkQuestion) -> Result<Chunk, QueryError>,
) -> Result<TrialBalancePage, QueryError> {
    let limit = limit.clamp(1, ROWS_MAX);
    let mut as_of = at;
    let mut next = Some(usize::try_from(position).unwrap_or(usize::MAX));
    let mut rows: Vec<ChunkRow> = Vec::new();
    let mut proofs = Vec::new();
    let mut time = Timestamp::ZERO;
    let mut sequence = Sequence::ZERO;
    for _ in 0..TURNS_PER_PAGE {
        let (Some(position), true) = (next, rows.len() < limit) else {
            break;
        };
        let chunk = ask(ChunkQuestion {
            ledgers: ledgers.into(),
            position,
            rows_max: limit - rows.len(),
            proofs: as_of.is_none(),
        })?;
        if as_of.is_none() {
            proofs = chunk.proofs;
        }
        sequence = *as_of.get_or_insert(chunk.sequence);
        if sequence > chunk.sequence {
            let durable = chunk.sequence;
            return Err(ReadError::BeyondEnd { sequence, durable }.into());
        }
        time = chunk.time;
        // Accounts come in the order of their creation, so whatever follows is as young.
        let old = chunk.rows.partition_point(|row| row.created <= sequence);
        next = if old == chunk.rows.len() {
            chunk.next
        } else {
            None
        };
        rows.extend_from_slice(&chunk.rows[..old]);
    }
    put_back(&mut rows, sequence, events)?;
    Ok(TrialBalancePage {
        sequence,
        time,
        accounts: rows.into_iter().map(|row| row.row).collect(),
        proofs,
        next_position: next.map(|position| position as u64),
    })
}

/// Gives every row the totals that it had at `sequence`.
fn put_back(
    rows: &mut [ChunkRow],
    sequence: Sequence,
    events: &dyn EventSource,
) -> Result<(), ReadError> {
    let mut changed: HashMap<AccountId, &mut ChunkRow> = rows
        .iter_mut()
        .filter(|row| row.changed > sequence)
        .map(|row| (row.row.id, row))
        .collect();
    let Some(newest) = changed.values().map(|row| row.changed).max() else {
        return Ok(());
    };
    let mut contradiction = None;
    events.scan(sequence, newest, &mut |event| {
        if put_back_by(event, &mut changed).is_none() {
            contradiction = Some(event.sequence);
            return ControlFlow::Break(());
        }
        if changed.is_empty() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    match contradiction {
        Some(sequence) => Err(ReadError::Contradiction { sequence }),
        None if changed.is_empty() => Ok(()),
        None => Err(ReadError::Contradiction { sequence: newest }),
    }
}

/// Puts the accounts back that `event` is the first to touch. `None` if its totals contradict
/// its amounts.
fn put_back_by(event: &Event, changed: &mut HashMap<AccountId, &mut ChunkRow>) -> Option<()> {
    let Some(effect) = event.fact.effect() else {
        return Some(());
    };
    if let Some(row) = changed.remove(&effect.debit_account_id) {
        row.row.totals = effect.debit_before()?;
    }
    if let Some(row) = changed.remove(&effect.credit_account_id) {
        row.row.totals = effect.credit_before()?;
    }
    Some(())
}

#[cfg(test)]
mod tests;
