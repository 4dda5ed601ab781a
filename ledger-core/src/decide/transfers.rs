//! A request of transfers.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use super::answer::{BalancesAfter, TransferAnswer, TransferAnswers, TransferOptions};
use super::chain::{Linkable, decide_linked};
use super::identity::{balances_after, check_identity};
use super::shape::{Kind, check_fields, kind_of};
use super::{Known, Stop, Verdict, resolution, reversal, single};
use crate::state::{AccountSlots, LOOK_AHEAD};
use crate::{
    Fact, Journal, State, Timestamp, Transfer, TransferFlags, TransferRejected, TransferStatus,
    Unreadable,
};

impl State {
    /// Judges transfers in order, chain by chain, at clock time `now`, and posts and records those
    /// that are allowed. In a dry run nothing of it stays.
    ///
    /// # Errors
    /// [`Unreadable`] if an earlier event cannot be read. The state is then not to be used any
    /// further.
    pub fn create_transfers<J: Journal>(
        &mut self,
        journal: &mut J,
        now: Timestamp,
        transfers: &[Transfer],
        options: TransferOptions,
    ) -> Result<TransferAnswers, Unreadable> {
        let imported = transfers.first().is_some_and(is_imported);
        let balances = if options.return_balances {
            Vec::with_capacity(transfers.len())
        } else {
            Vec::new()
        };
        let mut request = Transfers {
            now,
            imported,
            balances: options.return_balances,
            ahead: Ahead::new(),
        };
        let decided = if options.dry_run {
            let savepoint = self.savepoint(journal);
            let decided = decide_linked(&mut request, self, journal, transfers);
            self.roll_back(savepoint, journal);
            decided?
        } else {
            decide_linked(&mut request, self, journal, transfers)?
        };
        let mut answers = TransferAnswers {
            answers: Vec::with_capacity(decided.len()),
            balances,
            depends_on_time: false,
        };
        for (answer, balances) in decided {
            answers.depends_on_time |= answer.status.depends_on_time();
            answers.answers.push(answer);
            if options.return_balances {
                answers.balances.push(balances.map(|balances| *balances));
            }
        }
        Ok(answers)
    }
}

fn is_imported(transfer: &Transfer) -> bool {
    transfer.flags.contains(TransferFlags::IMPORTED)
}

/// A request of transfers: its clock time, whether they are all imported, and whether balances
/// are asked for.
struct Transfers {
    now: Timestamp,
    imported: bool,
    balances: bool,
    ahead: Ahead,
}

/// The accounts of the transfers that are judged next.
struct Ahead {
    accounts: [AccountSlots; LOOK_AHEAD],
    /// The positions in the request of those that were looked up.
    range: Range<usize>,
}

impl Ahead {
    fn new() -> Self {
        Self {
            accounts: [AccountSlots::default(); LOOK_AHEAD],
            range: 0..0,
        }
    }

    /// The accounts of the transfer at a position. No account comes or goes while a request of
    /// transfers is decided, so what was looked up ahead stays right.
    fn accounts(&mut self, state: &State, items: &[Transfer], position: usize) -> AccountSlots {
        if !self.range.contains(&position) {
            self.range = position..items.len().min(position + LOOK_AHEAD);
            let ahead = items[self.range.clone()].iter().map(Some);
            state.look_ahead(ahead, &mut self.accounts);
        }
        self.accounts[position - self.range.start]
    }
}

impl Transfers {
    fn judge<J: Journal>(
        &self,
        state: &State,
        journal: &J,
        transfer: &Transfer,
        accounts: AccountSlots,
        at: Timestamp,
    ) -> Result<Verdict, Stop> {
        check_identity(state, journal, transfer, at, self.imported)?;
        let kind = kind_of(transfer)?;
        check_fields(transfer, kind)?;
        match kind {
            Kind::SinglePhase | Kind::Pending => {
                single::judge(state, journal, transfer, accounts, at)
            }
            Kind::Resolution => resolution::judge(state, journal, transfer, at),
            Kind::Reversal => reversal::judge(state, journal, transfer, at),
        }
    }
}

/// Balances are boxed because they are seldom asked for and answers are many.
type Answer = (TransferAnswer, Option<Box<BalancesAfter>>);

impl<J: Journal> Linkable<J> for Transfers {
    type Item = Transfer;
    type Answer = Answer;

    fn is_linked(item: &Transfer) -> bool {
        item.flags.contains(TransferFlags::LINKED)
    }

    fn is_success((answer, _): &Answer) -> bool {
        answer.status.is_success()
    }

    fn linked_event_failed() -> Answer {
        (
            TransferAnswer::refused(TransferStatus::LinkedEventFailed),
            None,
        )
    }

    fn linked_event_chain_open() -> Answer {
        (
            TransferAnswer::refused(TransferStatus::LinkedEventChainOpen),
            None,
        )
    }

    /// A due reservation that a post or a void names is released before that is judged, so that
    /// a backlog of expiries never lets it through.
    fn prepare(&mut self, state: &mut State, journal: &mut J, members: &[Transfer]) {
        for transfer in members
            .iter()
            .filter(|transfer| !transfer.pending_id.is_zero())
        {
            state.expire_if_due(journal, self.now, transfer.pending_id);
        }
    }

    fn known(
        &self,
        state: &State,
        journal: &J,
        item: &Transfer,
    ) -> Result<Option<Answer>, Unreadable> {
        match check_identity(state, journal, item, state.moment(self.now), self.imported) {
            Err(Stop::Known(known)) if known.answer.status == TransferStatus::Exists => {
                Ok(Some((known.answer, known.balances.map(Box::new))))
            }
            Err(Stop::Unreadable(unreadable)) => Err(unreadable),
            Ok(()) | Err(Stop::Known(_) | Stop::Refused(_)) => Ok(None),
        }
    }

    fn decide(
        &mut self,
        state: &mut State,
        journal: &mut J,
        items: &[Transfer],
        position: usize,
    ) -> Result<Answer, Unreadable> {
        let item = &items[position];
        let accounts = self.ahead.accounts(state, items, position);
        let at = state.moment(self.now);
        let linked = item.flags.contains(TransferFlags::LINKED);
        match self.judge(state, journal, item, accounts, at) {
            Ok(Verdict::Created(created, touched)) => {
                let event = state.next_event(at, linked, Fact::TransferCreated(created));
                let Fact::TransferCreated(created) = &event.fact else {
                    unreachable!("the event was made of this fact")
                };
                state.post_created(created, touched);
                journal.record(&event);
                let answer = TransferAnswer {
                    timestamp: created.transfer.timestamp,
                    amount: created.transfer.amount,
                    ..TransferAnswer::refused(TransferStatus::Created)
                };
                let balances = self.balances.then(|| Box::new(balances_after(created)));
                Ok((answer, balances))
            }
            Ok(Verdict::Fenced(fence)) => {
                let event = state.next_event(at, linked, Fact::TransferFenced(fence));
                if let Fact::TransferFenced(fence) = &event.fact {
                    state.post_fenced(fence);
                }
                journal.record(&event);
                let fenced = TransferAnswer::refused(TransferStatus::Fenced);
                Ok((
                    TransferAnswer {
                        timestamp: at,
                        ..fenced
                    },
                    None,
                ))
            }
            Err(Stop::Refused(status)) => Ok((TransferAnswer::refused(status), None)),
            Err(Stop::Known(known)) => {
                let Known { answer, balances } = *known;
                Ok((answer, balances.map(Box::new)))
            }
            Err(Stop::Unreadable(unreadable)) => Err(unreadable),
        }
    }

    /// A refusal that depended on the state of the moment uses up the id, so that a delayed
    /// duplicate can neither succeed after a "no" nor lose the reason.
    fn refuse(
        &mut self,
        state: &mut State,
        journal: &mut J,
        item: &Transfer,
        (answer, _): &mut Answer,
    ) {
        if !answer.status.uses_up_id() {
            return;
        }
        let at = state.moment(self.now);
        let rejected = TransferRejected {
            id: item.id,
            status: answer.status,
            control_id: 0,
        };
        let event = state.next_event(at, false, Fact::TransferRejected(rejected));
        state.post_rejected(&rejected);
        journal.record(&event);
        answer.timestamp = at;
    }
}
