//! The meaning of a double-entry ledger: accounts, transfers, the rules between them, and the
//! events that record what was decided.
//!
//! Everything goes through [`State`]. A request is **decided**: each of its transfers is judged by
//! all rules in the order of their precedence ([`TransferStatus::ALL`]), and what is allowed
//! becomes an [`Event`], is **posted** to the state and **recorded** in the [`Journal`]. Recorded
//! events can be **replayed** into a fresh state, which is then the same.
//!
//! ```
//! use ledger_core::{AccountId, Amount, LedgerId, NewAccount, State, Timestamp, Transfer};
//! use ledger_core::{TransferId, TransferOptions, TransferStatus};
//! # use ledger_core::{Event, GroupId, Journal, OldId, Sequence, Unreadable, UpdateId};
//! # #[derive(Default)]
//! # struct Events(Vec<Event>);
//! # impl Journal for Events {
//! #     fn record(&mut self, event: &Event) { self.0.push(event.clone()); }
//! #     fn mark(&self) -> usize { self.0.len() }
//! #     fn rewind(&mut self, mark: usize) { self.0.truncate(mark); }
//! #     fn event(&self, sequence: Sequence) -> Result<Event, Unreadable> {
//! #         self.0.iter().find(|event| event.sequence == sequence).cloned().ok_or(Unreadable)
//! #     }
//! #     fn old_id(&self, _: TransferId) -> Result<Option<OldId>, Unreadable> { Ok(None) }
//! #     fn old_update(&self, _: UpdateId) -> Result<Option<Sequence>, Unreadable> { Ok(None) }
//! #     fn old_group_holds(&self, _: GroupId, _: Sequence) -> Result<u32, Unreadable> { Ok(0) }
//! # }
//! let (mut state, mut journal) = (State::new(7), Events::default());
//! let now = Timestamp::new(1);
//! let account = |id| NewAccount {
//!     id: AccountId::new(id), ledger: LedgerId::new(1), code: 1, ..NewAccount::default()
//! };
//! state.create_accounts(&mut journal, now, &[account(1), account(2)])?;
//! let payment = Transfer {
//!     id: TransferId::new(1),
//!     debit_account_id: AccountId::new(1),
//!     credit_account_id: AccountId::new(2),
//!     amount: Amount::new(100),
//!     ledger: LedgerId::new(1),
//!     code: 1,
//!     ..Transfer::default()
//! };
//! for status in [TransferStatus::Created, TransferStatus::Exists] {
//!     let options = TransferOptions::default();
//!     let answers = state.create_transfers(&mut journal, now, &[payment.clone()], options)?;
//!     assert_eq!(answers.answers[0].status, status);
//! }
//! assert_eq!(state.account(AccountId::new(2)).unwrap().totals.credits_posted, Amount::new(100));
//! # Ok::<(), Unreadable>(())
//! ```
//!
//! What is deliberately absent: files, clocks, threads, randomness, the wire, and the standard
//! library. Time and the seed of the hash tables are arguments; old events are reached through
//! [`Journal`], because they do not stay in memory.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

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
pub use event::{
    EpochBegan, Event, Fact, HoldAfter, TransferCreated, TransferExpired, TransferRejected,
};
pub use id::{AccountId, GroupId, LedgerId, TransferId, UpdateId};
pub use journal::{Journal, OldId, Unreadable};
pub use ledger::NewLedger;
pub use state::StateDigest;
pub use state::{Account, Contradiction, Forgotten, Hold, Ledger, Restoration, Standing, State};
pub use status::{AccountStatus, LedgerStatus, TransferStatus, UpdateStatus};
pub use time::{Sequence, Timestamp};
pub use transfer::{Transfer, TransferFlags};
