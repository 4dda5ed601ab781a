//! The meaning of a double-entry ledger: accounts, transfers, the rules between them, and the
//! events that record what was decided.
#![no_std]

extern crate alloc;

mod account;
mod amount;
mod decide;
mod effect;
mod event;
mod id;
mod journal;
mod ledger;
mod state;
mod status;
mod time;
mod transfer;

pub use account::{AccountFlags, AccountUpdate, NewAccount, Totals};
pub use amount::{Amount, Sum};
pub use decide::{
    AccountAnswer, BalancesAfter, TransferAnswer, TransferAnswers, TransferOptions, UpdateAnswer,
};
pub use effect::Effect;
pub use event::{Event, Fact, HoldAfter, TransferCreated, TransferExpired, TransferRejected};
pub use id::{AccountId, GroupId, LedgerId, TransferId, UpdateId};
pub use journal::{Journal, OldId, Unreadable};
pub use ledger::NewLedger;
pub use state::{Account, Contradiction, Hold, Ledger, State};
pub use status::{AccountStatus, LedgerStatus, TransferStatus, UpdateStatus};
pub use time::{Sequence, Timestamp};
pub use transfer::{Transfer, TransferFlags};
