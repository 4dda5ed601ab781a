//! Events: the facts that the journal records. What is written is what was decided, so that no
//! later change of a rule can change what an old journal means.

use crate::{
    AccountId, AccountUpdate, Amount, LedgerId, NewAccount, NewLedger, Sequence, Timestamp, Totals,
    Transfer, TransferId, TransferStatus,
};

/// One fact, with its place in the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Dense: 1, 2, 3 …
    pub sequence: Sequence,
    /// Journal time, strictly increasing with the sequence.
    pub time: Timestamp,
    /// Whether the next event belongs to the same chain; an as-of read shows both or neither.
    pub chained: bool,
    /// What happened.
    pub fact: Fact,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Fact {
    /// A ledger got a code and a scale.
    LedgerRegistered(NewLedger),
    /// An account was created; its `timestamp` is filled in, its `totals` are zero.
    AccountCreated(NewAccount),
    /// An account's limits or name were changed.
    AccountUpdated(AccountUpdate),
    /// Value moved, was reserved, or a reservation was posted or released.
    TransferCreated(TransferCreated),
    /// A reservation reached its time and was released.
    TransferExpired(TransferExpired),
    /// A refusal that uses up an id.
    TransferRejected(TransferRejected),
    /// A void or a reversal overtook its target and fenced it; the transfer is as it was asked.
    TransferFenced(Transfer),
    /// The database was restored, and another history of it begins here. Nothing but sequence and
    /// time changes.
    EpochBegan(EpochBegan),
}

/// A transfer as it took effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransferCreated {
    /// Every field filled in; `amount` is what actually moved, `timestamp` the transfer's moment.
    pub transfer: Transfer,
    /// Whether a post or a reversal took all that was left, so that [`Amount::MAX`] would have
    /// asked for the same.
    pub took_all: bool,
    /// What became of the reservation, for a post or a void.
    pub hold: HoldAfter,
    /// All that was reversed of `reverses_id`, this reversal included; zero if it is none.
    pub reversed: Amount,
    /// The debit account's totals after this event.
    pub debit_after: Totals,
    /// The credit account's totals after this event.
    pub credit_after: Totals,
}

/// A reservation after a post or a void; all zero for any other transfer.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct HoldAfter {
    /// All that was posted of the reservation so far.
    pub posted: Amount,
    /// What this event released without posting it.
    pub released: Amount,
    /// What is still reserved; a reservation with nothing left is resolved.
    pub rest: Amount,
}

/// A reservation's end at its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransferExpired {
    /// The reservation.
    pub pending_id: TransferId,
    /// Its debit account.
    pub debit_account_id: AccountId,
    /// Its credit account.
    pub credit_account_id: AccountId,
    /// Its ledger.
    pub ledger: LedgerId,
    /// What had been posted of it.
    pub posted: Amount,
    /// What was still reserved and is released.
    pub released: Amount,
    /// The debit account's totals after this event.
    pub debit_after: Totals,
    /// The credit account's totals after this event.
    pub credit_after: Totals,
}

/// An id that can never be used again, with the reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransferRejected {
    /// The id that is used up.
    pub id: TransferId,
    /// Why: one of the statuses for which [`TransferStatus::uses_up_id`] holds.
    pub status: TransferStatus,
    /// The control that refused it; zero if none did.
    pub control_id: u128,
}

/// A new history of a database: what a restore writes behind the events that it kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EpochBegan {
    /// The random name of the history that begins.
    pub epoch: u128,
    /// The history that it branches off from.
    pub parent: u128,
    /// The newest event that both have in common: the one before this event.
    pub fork: Sequence,
}
