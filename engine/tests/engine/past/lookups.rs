//! What transfer ids stand for, and what became of the transfers, however old they are, is what a
//! naive look through all events finds.

use ledger_core::{Amount, Event, Fact, Sequence, Transfer, TransferFlags, TransferId};
use ledger_engine::{Body, Command, Found, ListedTransfer, TransferState};

use super::amid_writes::seeds;
use super::histories::History;
use super::naive::{Naive, untouched};

/// How often something was met that is worth asking for.
#[derive(Default, Debug)]
struct Seen {
    /// Open holds, posted in part, whose ids are only in runs.
    old_and_posted_in_part: usize,
    /// Resolved holds whose ids are only in runs.
    old_and_resolved: usize,
    /// Transfers reversed in several parts, whose ids are only in runs.
    old_and_reversed_in_parts: usize,
    used_up: usize,
    fenced: usize,
    merges: usize,
}

/// What the answer for an id tells of its transfer, from the events that it leads to.
fn told(history: &History, found: &Found) -> Option<ListedTransfer> {
    let Found::At {
        sequence,
        act,
        open,
        ..
    } = *found
    else {
        return None;
    };
    let event_at = |at: Sequence| -> Option<Event> {
        let at = (at != Sequence::ZERO).then_some(at)?;
        let events = history.teller.engine.read_events(&[at]);
        events.expect("it can be read").pop()
    };
    let event = event_at(sequence)?;
    let (transfer, state) = match &event.fact {
        Fact::TransferCreated(created) => (created.transfer.clone(), TransferState::Posted),
        Fact::TransferFenced(fence) => {
            let mut fence = fence.clone();
            if fence.timestamp.is_zero() {
                fence.timestamp = event.time;
            }
            (fence, TransferState::Fenced)
        }
        _ => return None,
    };
    let mut told = untouched(&event, transfer, state);
    if state != TransferState::Fenced {
        tell_fate(
            &mut told,
            event_at(act),
            open.map(|open| (open.posted, open.rest)),
        );
    }
    Some(told)
}

fn tell_fate(told: &mut ListedTransfer, act: Option<Event>, open: Option<(Amount, Amount)>) {
    let flags = told.transfer.flags;
    let is_hold = flags.contains(TransferFlags::PENDING);
    assert!(is_hold || open.is_none(), "{told:?} is no hold");
    if flags.contains(TransferFlags::VOID_PENDING_TRANSFER) {
        told.state = TransferState::Voided;
        return;
    }
    if let Some((posted, rest)) = open {
        assert_eq!(posted.get() + rest.get(), told.transfer.amount.get());
        told.state = TransferState::Pending;
        told.posted = posted;
        return;
    }
    let Some(act) = act else {
        assert!(!is_hold, "{told:?} is not open, and nothing ended it");
        return;
    };
    told.act = act.sequence;
    match act.fact {
        Fact::TransferCreated(act) if is_hold => {
            assert_eq!(act.transfer.pending_id, told.transfer.id);
            let is_void = act
                .transfer
                .flags
                .contains(TransferFlags::VOID_PENDING_TRANSFER);
            told.state = if is_void {
                TransferState::Voided
            } else {
                TransferState::Posted
            };
            told.posted = act.hold.posted;
        }
        Fact::TransferExpired(act) if is_hold => {
            assert_eq!(act.pending_id, told.transfer.id);
            told.state = TransferState::Expired;
            told.posted = act.posted;
        }
        Fact::TransferCreated(act) => {
            assert_eq!(act.transfer.reverses_id, told.transfer.id);
            told.state = TransferState::Reversed;
            told.reversed = act.reversed;
            return;
        }
        other => panic!("no act on {told:?}: {other:?}"),
    }
    told.released = Amount::new(told.transfer.amount.get() - told.posted.get());
}

/// The id that a fence keeps from ever being created.
fn target(fence: &Transfer) -> TransferId {
    if fence.pending_id.is_zero() {
        fence.reverses_id
    } else {
        fence.pending_id
    }
}

/// Asks for some ids, most of which stand for something.
fn check(history: &mut History, seen: &mut Seen) {
    let known = history.teller.engine.status().durable;
    let naive = history.naive(known);
    let fences = |naive: &Naive| -> Vec<TransferId> {
        let fences = naive.transfers.iter();
        let fences = fences.filter(|listed| listed.state == TransferState::Fenced);
        fences.map(|fence| target(&fence.transfer)).collect()
    };
    let ids: Vec<TransferId> = naive.transfers.iter().map(|it| it.transfer.id).collect();
    let others: Vec<_> = naive
        .used_up
        .keys()
        .copied()
        .chain(fences(&naive))
        .collect();
    let mut asked: Vec<_> = (0..60).map(|_| *history.random.pick(&ids)).collect();
    if !others.is_empty() {
        asked.extend((0..20).map(|_| *history.random.pick(&others)));
    }
    asked.push(TransferId::new(u128::MAX - 1));

    let find = Command::FindTransfers(asked.clone());
    let reply = history.teller.ask(find).expect("an answer");
    let Body::TransfersFound(answers) = reply.body else {
        panic!("not an answer to a lookup: {:?}", reply.body);
    };
    let naive = history.naive(reply.receipt.sequence);
    let fenced = fences(&naive);
    let recent_from = history.teller.engine.status().recent_from;
    let order: Vec<_> = answers.iter().map(|&(id, _)| id).collect();
    assert_eq!(order, asked);
    for (id, found) in answers {
        let listed = naive.transfers.iter().find(|it| it.transfer.id == id);
        assert_eq!(told(history, &found).as_ref(), listed, "{id}: {found:?}");
        let used_up = naive.used_up.get(&id).copied();
        let own = listed.map(|listed| listed.sequence).or(used_up);
        let expected = (own.unwrap_or(Sequence::ZERO), fenced.contains(&id));
        match found {
            Found::Unknown => assert_eq!(expected, (Sequence::ZERO, false), "{id}"),
            Found::At {
                sequence, fenced, ..
            } => assert_eq!((sequence, fenced), expected, "{id}"),
        }
        seen.used_up += usize::from(used_up.is_some());
        seen.fenced += usize::from(fenced.contains(&id));
        if let Some(listed) = listed.filter(|listed| listed.sequence < recent_from) {
            seen.note(&naive, listed);
        }
    }
}

impl Seen {
    fn note(&mut self, naive: &Naive, old: &ListedTransfer) {
        let is_hold = old.transfer.flags.contains(TransferFlags::PENDING);
        let is_open = old.state == TransferState::Pending;
        let reversals = naive.transfers.iter();
        let reversals = reversals.filter(|it| it.transfer.reverses_id == old.transfer.id);
        self.old_and_posted_in_part += usize::from(is_open && !old.posted.is_zero());
        self.old_and_resolved += usize::from(is_hold && !is_open);
        self.old_and_reversed_in_parts += usize::from(reversals.count() > 1);
    }
}

#[test]
fn what_became_of_old_transfers_is_what_a_look_through_all_events_finds() {
    let mut seen = Seen::default();
    let (first, seeds) = seeds();
    for seed in first..first + seeds {
        println!("seed {seed}");
        let mut history = History::new(seed);
        history.write(40);
        for _ in 0..40 {
            let requests = history.random.within(1, 25);
            history.write(requests);
            if history.random.one_in(2) {
                history.roll();
            }
            seen.merges += usize::from(history.has_merged());
            if history.random.one_in(8) {
                history.restart();
            }
            check(&mut history, &mut seen);
        }
    }
    assert!(
        seen.old_and_posted_in_part > 10
            && seen.old_and_resolved > 10
            && seen.old_and_reversed_in_parts > 10
            && seen.used_up > 10
            && seen.fenced > 10
            && seen.merges > 3,
        "hardly anything is found: {seen:?}"
    );
}
