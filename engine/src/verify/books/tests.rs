//! What the rules decide is found in order; whatever is changed afterwards is found out.

use ledger_core::{
    AccountId, Event, GroupId, HoldAfter, Journal, OldId, Sequence, State, Totals, TransferCreated,
    TransferFlags as F, TransferId, TransferOptions, TransferStatus, Unreadable, UpdateId,
};

use super::*;

/// A journal in memory.
#[derive(Default)]
pub(in crate::verify) struct Recorded(pub(in crate::verify) Vec<Event>);

impl Journal for Recorded {
    fn record(&mut self, event: &Event) {
        self.0.push(event.clone());
    }

    fn mark(&self) -> usize {
        self.0.len()
    }

    fn rewind(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    fn event(&self, sequence: Sequence) -> Result<Event, Unreadable> {
        let index = sequence.get().checked_sub(1).ok_or(Unreadable)?;
        self.0.get(index as usize).cloned().ok_or(Unreadable)
    }

    fn old_id(&self, _: TransferId) -> Result<Option<OldId>, Unreadable> {
        Ok(None)
    }

    fn old_update(&self, _: UpdateId) -> Result<Option<ledger_core::Sequence>, Unreadable> {
        Ok(None)
    }

    fn old_group_holds(
        &self,
        _: ledger_core::GroupId,
        _: ledger_core::Sequence,
    ) -> Result<u32, Unreadable> {
        Ok(0)
    }
}

const SECOND: u64 = 1_000_000_000;

struct Run {
    state: State,
    journal: Recorded,
    now: u64,
}

impl Run {
    fn now(&mut self) -> Timestamp {
        self.now += SECOND;
        Timestamp::new(self.now)
    }

    fn transfers(&mut self, transfers: &[Transfer]) -> Vec<TransferStatus> {
        let now = self.now();
        self.state.expire_due(&mut self.journal, now, 100);
        let answers = self
            .state
            .create_transfers(
                &mut self.journal,
                now,
                transfers,
                TransferOptions::default(),
            )
            .unwrap();
        answers.answers.iter().map(|answer| answer.status).collect()
    }

    fn transfer(&mut self, transfer: Transfer) -> TransferStatus {
        self.transfers(&[transfer])[0]
    }
}

fn account(id: u128, flags: AccountFlags) -> NewAccount {
    NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        flags,
        ..NewAccount::default()
    }
}

fn transfer(id: u128, debit: u128, credit: u128, amount: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        debit_account_id: AccountId::new(debit),
        credit_account_id: AccountId::new(credit),
        amount: Amount::new(amount),
        ledger: LedgerId::new(1),
        code: 1,
        ..Transfer::default()
    }
}

fn act(id: u128, pending_id: u128, amount: Amount, flags: F) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        pending_id: TransferId::new(pending_id),
        amount,
        flags,
        ..Transfer::default()
    }
}

/// Something of everything, each accepted or refused as it is meant to be.
pub(in crate::verify) fn recorded() -> Recorded {
    use TransferStatus as S;

    let mut run = Run {
        state: State::new(7),
        journal: Recorded::default(),
        now: 1_000 * SECOND,
    };
    let (now, journal) = (run.now(), &mut run.journal);
    let usd = NewLedger {
        id: LedgerId::new(1),
        code: "USD".into(),
        scale: 2,
    };
    run.state.register_ledgers(journal, now, &[usd]).unwrap();
    let capped = NewAccount {
        balance_max: Amount::new(1_000),
        ..account(4, AccountFlags::NONE)
    };
    let accounts = [
        account(1, AccountFlags::NONE),
        account(2, AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS),
        account(3, AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS),
        capped,
        account(5, AccountFlags::NONE),
    ];
    let (now, journal) = (run.now(), &mut run.journal);
    let answers = run.state.create_accounts(journal, now, &accounts).unwrap();
    assert_eq!(answers.len(), 5);
    let update = AccountUpdate {
        update_id: UpdateId::new(1),
        id: AccountId::new(2),
        overdraft_limit: Some(Amount::new(50)),
        ..AccountUpdate::default()
    };
    let (now, journal) = (run.now(), &mut run.journal);
    run.state.update_accounts(journal, now, &[update]).unwrap();

    assert_eq!(run.transfer(transfer(10, 1, 2, 500)), S::Created);
    assert_eq!(run.transfer(transfer(11, 2, 4, 550)), S::Created);
    assert_eq!(run.transfer(transfer(12, 2, 4, 1)), S::ExceedsCredits);
    assert_eq!(run.transfer(transfer(13, 1, 4, 451)), S::ExceedsBalanceMax);
    let chain = [
        Transfer {
            flags: F::LINKED,
            ..transfer(14, 1, 2, 5)
        },
        transfer(15, 2, 5, 5),
    ];
    assert_eq!(run.transfers(&chain), [S::Created, S::Created]);

    let hold = |id, timeout, flags: F| Transfer {
        flags: F::PENDING.with(flags),
        group_id: GroupId::new(77),
        timeout,
        ..transfer(id, 1, 5, 100)
    };
    assert_eq!(run.transfer(hold(20, 0, F::NONE)), S::Created);
    let some = act(
        21,
        20,
        Amount::new(30),
        F::POST_PENDING_TRANSFER.with(F::KEEP_OPEN),
    );
    assert_eq!(run.transfer(some), S::Created);
    let rest = act(22, 20, Amount::MAX, F::POST_PENDING_TRANSFER);
    assert_eq!(run.transfer(rest), S::Created);
    assert_eq!(run.transfer(hold(23, 60, F::NONE)), S::Created);
    let void = act(24, 23, Amount::ZERO, F::VOID_PENDING_TRANSFER);
    assert_eq!(run.transfer(void), S::Created);
    assert_eq!(run.transfer(hold(25, 1, F::CLOSING_CREDIT)), S::Created);
    run.now += 2 * SECOND;
    assert_eq!(run.transfer(hold(26, 3_600, F::NONE)), S::Created);
    let part = act(27, 26, Amount::new(40), F::POST_PENDING_TRANSFER);
    assert_eq!(run.transfer(part), S::Created);
    assert_eq!(run.transfer(hold(28, 0, F::CLOSING_DEBIT)), S::Created);
    assert_eq!(
        run.transfer(transfer(29, 1, 5, 1)),
        S::DebitAccountAlreadyClosed
    );
    let reopen = act(30, 28, Amount::ZERO, F::VOID_PENDING_TRANSFER);
    assert_eq!(run.transfer(reopen), S::Created);
    assert_eq!(run.transfer(hold(31, 0, F::NONE)), S::Created);

    let back = |id, of, amount| Transfer {
        id: TransferId::new(id),
        reverses_id: TransferId::new(of),
        amount,
        code: 2,
        ..Transfer::default()
    };
    assert_eq!(
        run.transfer(back(40, 10, Amount::new(100))),
        S::ExceedsCredits
    );
    assert_eq!(run.transfer(back(41, 11, Amount::new(100))), S::Created);
    assert_eq!(run.transfer(back(42, 11, Amount::MAX)), S::Created);
    let ahead = Transfer {
        flags: F::FENCE,
        ledger: LedgerId::new(1),
        ..back(43, 99, Amount::MAX)
    };
    assert_eq!(run.transfer(ahead), S::Fenced);
    assert_eq!(
        run.transfer(transfer(99, 1, 5, 1)),
        S::PendingTransferAlreadyVoided
    );
    let sweep = Transfer {
        flags: F::BALANCING_DEBIT,
        ..transfer(50, 2, 5, 1_000_000)
    };
    assert_eq!(run.transfer(sweep), S::Created);
    run.journal
}

/// The rules that a journal breaks, with the events that break them.
fn audit(events: &[Event]) -> Vec<(u64, Rule)> {
    let mut books = Books::default();
    let mut all = Vec::new();
    for event in events {
        let broken = books.enter(event);
        all.extend(broken.into_iter().map(|rule| (event.sequence.get(), rule)));
    }
    all
}

#[test]
fn what_was_decided_is_in_order() {
    let events = recorded().0;
    assert_eq!(audit(&events), []);
    let mut books = Books::default();
    for event in &events {
        books.enter(event);
    }
    let proofs = books.proofs();
    let [proof] = &proofs[..] else {
        panic!("one ledger")
    };
    assert!(proof.is_balanced() && proof.accounts == 5, "{proof:?}");
    assert_eq!((&*proof.code, proof.scale), ("USD", 2), "as registered");
    assert_eq!(books.open_hold_count(), 1);
    let kinds: HashSet<_> = events
        .iter()
        .map(|e| std::mem::discriminant(&e.fact))
        .collect();
    assert_eq!(kinds.len(), 7, "an event of every kind is among them");
}

/// Changes the event that created the transfer `id`, and returns what is found at it.
fn changed(id: u128, change: impl FnOnce(&mut TransferCreated)) -> Vec<Rule> {
    let mut events = recorded().0;
    let created = events.iter_mut().find_map(|event| match &mut event.fact {
        Fact::TransferCreated(created) if created.transfer.id.get() == id => {
            Some((event.sequence.get(), created))
        }
        _ => None,
    });
    let (sequence, created) = created.expect("the transfer was created");
    change(created);
    let broken = audit(&events);
    assert!(broken.iter().all(|&(at, _)| at >= sequence), "{broken:?}");
    let here = broken.into_iter().filter(|&(at, _)| at == sequence);
    here.map(|(_, rule)| rule).collect()
}

fn find(id: u128, rule: Rule, change: impl FnOnce(&mut TransferCreated)) {
    let broken = changed(id, change);
    assert!(broken.contains(&rule), "{rule:?} is not among {broken:?}");
}

#[test]
fn every_total_is_computed_anew() {
    type Part = fn(&mut TransferCreated) -> &mut Amount;
    let parts: [Part; 8] = [
        |c| &mut c.debit_after.debits_pending,
        |c| &mut c.debit_after.debits_posted,
        |c| &mut c.debit_after.credits_pending,
        |c| &mut c.debit_after.credits_posted,
        |c| &mut c.credit_after.debits_pending,
        |c| &mut c.credit_after.debits_posted,
        |c| &mut c.credit_after.credits_pending,
        |c| &mut c.credit_after.credits_posted,
    ];
    for id in [10, 11, 20, 21, 22, 24, 27, 41] {
        for part in parts {
            let broken = changed(id, |created| {
                let total = part(created);
                *total = total.saturating_add(Amount::new(1));
            });
            let is_totals =
                |rule: &Rule| matches!(rule, Rule::DebitTotals { .. } | Rule::CreditTotals { .. });
            assert!(broken.iter().any(is_totals), "transfer {id}: {broken:?}");
        }
    }
}

#[test]
fn an_amount_that_moves_nothing_is_found() {
    for id in [10, 11, 20, 21, 22, 24, 27, 41] {
        let broken = changed(id, |created| {
            let amount = &mut created.transfer.amount;
            *amount = amount.saturating_add(Amount::new(1));
        });
        assert!(!broken.is_empty(), "transfer {id}");
    }
}

#[test]
fn ids_are_unique_for_ever() {
    find(11, Rule::TransferIdUsed, |c| {
        c.transfer.id = TransferId::new(10)
    });
    find(50, Rule::TransferIdUsed, |c| {
        c.transfer.id = TransferId::new(12)
    });
    find(50, Rule::TransferIdUsed, |c| {
        c.transfer.id = TransferId::new(43)
    });
    find(50, Rule::TransferIdFenced, |c| {
        c.transfer.id = TransferId::new(99)
    });
    find(50, Rule::TransferIdReserved, |c| {
        c.transfer.id = TransferId::ZERO
    });
}

#[test]
fn fields_that_cannot_go_together_are_found() {
    find(10, Rule::TransferCodeZero, |c| c.transfer.code = 0);
    find(10, Rule::TransferFields, |c| c.transfer.timeout = 5);
    find(10, Rule::TransferTimestamp, |c| {
        c.transfer.timestamp = Timestamp::new(5)
    });
    find(10, Rule::TransferFlags, |c| {
        c.transfer.flags = F::from_bits(1 << 20)
    });
    find(10, Rule::TransferFlags, |c| c.transfer.flags = F::FENCE);
    find(10, Rule::TransferFlags, |c| {
        c.transfer.flags = F::CLOSING_DEBIT
    });
    find(10, Rule::UnexpectedOutcome, |c| c.reversed = Amount::new(1));
    find(10, Rule::UnexpectedOutcome, |c| {
        c.hold.rest = Amount::new(1)
    });
    find(10, Rule::DebitAccountMissing, |c| {
        c.transfer.debit_account_id = AccountId::new(9)
    });
    find(10, Rule::CreditAccountMissing, |c| {
        c.transfer.credit_account_id = AccountId::new(9)
    });
    find(10, Rule::AccountsAreTheSame, |c| {
        c.transfer.credit_account_id = c.transfer.debit_account_id;
    });
    find(10, Rule::LedgersDiffer, |c| {
        c.transfer.ledger = LedgerId::new(2)
    });
}

#[test]
fn what_becomes_of_a_reservation_must_follow() {
    find(21, Rule::HoldOutcome, |c| c.hold.rest = Amount::new(71));
    find(21, Rule::HoldOutcome, |c| c.hold.posted = Amount::new(31));
    find(22, Rule::HoldOutcome, |c| c.hold.posted = Amount::new(99));
    find(22, Rule::HoldOutcome, |c| c.took_all = false);
    find(24, Rule::HoldOutcome, |c| c.hold = HoldAfter::default());
    find(27, Rule::HoldOutcome, |c| c.hold.released = Amount::new(61));
    find(22, Rule::HoldNotOpen, |c| {
        c.transfer.pending_id = TransferId::new(10)
    });
    find(27, Rule::HoldNotOpen, |c| {
        c.transfer.pending_id = TransferId::new(25)
    });
    find(22, Rule::HoldFieldsDiffer, |c| c.transfer.code = 9);
    find(22, Rule::HoldFieldsDiffer, |c| {
        c.transfer.group_id = GroupId::ZERO
    });
    let (found, left) = (Amount::new(71), Amount::new(70));
    find(22, Rule::HoldAmount { found, left }, |c| {
        c.transfer.amount = found
    });
}

#[test]
fn reversals_must_add_up() {
    find(42, Rule::ReversedMissing, |c| {
        c.transfer.reverses_id = TransferId::new(9_999)
    });
    find(42, Rule::ReversedNotPosted, |c| {
        c.transfer.reverses_id = TransferId::new(20)
    });
    find(42, Rule::ReversedNotPosted, |c| {
        c.transfer.reverses_id = TransferId::new(12)
    });
    find(42, Rule::ReversalFieldsDiffer, |c| {
        c.transfer.reverses_id = TransferId::new(10)
    });
    let expected = Amount::new(550);
    find(42, Rule::ReversalOutcome { expected }, |c| {
        c.reversed = Amount::new(549)
    });
    let (found, amount) = (Amount::new(551), expected);
    find(42, Rule::ReversalAmount { found, amount }, |c| {
        c.transfer.amount = Amount::new(451)
    });
}

/// Puts the same event once more at the end, with what `change` makes of it, and returns what is
/// found there.
fn again(id: u128, change: impl FnOnce(&mut TransferCreated, Totals, Totals)) -> Vec<Rule> {
    let mut events = recorded().0;
    let of = |event: &Event, id: u128| match &event.fact {
        Fact::TransferCreated(c) if c.transfer.id.get() == id => Some(c.clone()),
        _ => None,
    };
    let mut created = events.iter().find_map(|event| of(event, id)).unwrap();
    let mut books = Books::default();
    for event in &events {
        books.enter(event);
    }
    let last = events.last().unwrap().clone();
    let time = last.time.next();
    created.transfer.id = TransferId::new(1_000);
    created.transfer.timestamp = time;
    let totals = |id: AccountId| {
        books.accounts[books.account_by_id[&id.get()] as usize]
            .account
            .totals
    };
    let debit = totals(created.transfer.debit_account_id);
    let credit = totals(created.transfer.credit_account_id);
    change(&mut created, debit, credit);
    let sequence = last.sequence.next();
    events.push(Event {
        sequence,
        time,
        chained: false,
        fact: Fact::TransferCreated(created),
    });
    audit(&events).into_iter().map(|(_, rule)| rule).collect()
}

fn single(created: &mut TransferCreated, debit: Totals, credit: Totals, amount: u128) {
    created.transfer.amount = Amount::new(amount);
    created.debit_after = Totals {
        debits_posted: debit.debits_posted.saturating_add(Amount::new(amount)),
        ..debit
    };
    created.credit_after = Totals {
        credits_posted: credit.credits_posted.saturating_add(Amount::new(amount)),
        ..credit
    };
}

#[test]
fn limits_are_held_against_every_account() {
    assert_eq!(
        again(10, |c, debit, credit| single(c, debit, credit, 100)),
        []
    );
    let beyond = again(11, |c, debit, credit| single(c, debit, credit, 100_000));
    assert!(beyond.contains(&Rule::ExceedsCredits), "{beyond:?}");
    assert!(beyond.contains(&Rule::ExceedsBalanceMax), "{beyond:?}");
    let balanced = again(50, |c, debit, credit| single(c, debit, credit, 51));
    assert!(balanced.contains(&Rule::ExceedsBalancing), "{balanced:?}");
}

#[test]
fn a_change_of_limits_counts_from_then_on() {
    // Without the update that allowed an overdraft of 50, event 11 goes beyond what was there.
    let mut events = recorded().0;
    events.retain(|event| !matches!(event.fact, Fact::AccountUpdated(_)));
    let rules: Vec<Rule> = audit(&events).into_iter().map(|(_, rule)| rule).collect();
    assert!(rules.contains(&Rule::ExceedsCredits), "{rules:?}");
}

/// Changes the one event that `pick` picks, and returns all rules that are broken.
fn tampered(pick: impl Fn(&mut Event) -> bool) -> Vec<Rule> {
    let mut events = recorded().0;
    let changed = events
        .iter_mut()
        .filter_map(|e| pick(e).then_some(()))
        .count();
    assert!(changed >= 1, "there is such an event");
    audit(&events).into_iter().map(|(_, rule)| rule).collect()
}

#[test]
fn time_accounts_updates_ledgers_and_fences_have_rules_too() {
    let found = tampered(|event| {
        let is_sixth = event.sequence.get() == 6;
        if is_sixth {
            event.time = Timestamp::new(1);
        }
        is_sixth
    });
    assert!(found.contains(&Rule::TimeNotIncreasing));

    let of_account = |change: fn(&mut NewAccount)| {
        tampered(move |event| match &mut event.fact {
            Fact::AccountCreated(account) if account.id.get() == 5 => {
                change(account);
                true
            }
            _ => false,
        })
    };
    assert!(of_account(|a| a.id = AccountId::new(1)).contains(&Rule::AccountExists));
    assert!(of_account(|a| a.ledger = LedgerId::ZERO).contains(&Rule::AccountLedgerZero));
    assert!(of_account(|a| a.code = 0).contains(&Rule::AccountCodeZero));
    assert!(of_account(|a| a.flags = AccountFlags::from_bits(6)).contains(&Rule::AccountFlags));
    assert!(of_account(|a| a.timestamp = Timestamp::ZERO).contains(&Rule::AccountTimestamp));
    let closed = of_account(|a| a.flags = AccountFlags::CLOSED);
    assert!(closed.contains(&Rule::CreditAccountClosed), "{closed:?}");

    let of_update = |change: fn(&mut AccountUpdate)| {
        tampered(move |event| match &mut event.fact {
            Fact::AccountUpdated(update) => {
                change(update);
                true
            }
            _ => false,
        })
    };
    assert!(of_update(|u| u.update_id = UpdateId::ZERO).contains(&Rule::UpdateId));
    assert!(of_update(|u| u.id = AccountId::new(9)).contains(&Rule::UpdatedAccountMissing));
    assert!(of_update(|u| u.overdraft_limit = None).contains(&Rule::UpdateEmpty));

    let of_ledger = |change: fn(&mut NewLedger)| {
        tampered(move |event| match &mut event.fact {
            Fact::LedgerRegistered(ledger) => {
                change(ledger);
                true
            }
            _ => false,
        })
    };
    assert!(of_ledger(|l| l.id = LedgerId::ZERO).contains(&Rule::LedgerIdZero));
    assert!(of_ledger(|l| l.code = "".into()).contains(&Rule::LedgerCodeInvalid));
    assert!(of_ledger(|l| l.scale = 39).contains(&Rule::LedgerScaleTooLarge));

    let of_fence = |change: fn(&mut Transfer)| {
        tampered(move |event| match &mut event.fact {
            Fact::TransferFenced(transfer) => {
                change(transfer);
                true
            }
            _ => false,
        })
    };
    assert!(of_fence(|t| t.flags = F::NONE).contains(&Rule::FenceShape));
    assert!(of_fence(|t| t.reverses_id = TransferId::new(10)).contains(&Rule::FenceTarget));

    let status = tampered(|event| match &mut event.fact {
        Fact::TransferRejected(rejected) => {
            rejected.status = TransferStatus::Exists;
            true
        }
        _ => false,
    });
    assert!(status.contains(&Rule::RejectedStatus));
}

#[test]
fn an_expiry_before_its_time_or_left_out_is_found() {
    let of_expiry = |change: fn(&mut ledger_core::TransferExpired)| {
        tampered(move |event| match &mut event.fact {
            Fact::TransferExpired(expired) => {
                change(expired);
                true
            }
            _ => false,
        })
    };
    assert!(of_expiry(|e| e.released = Amount::new(1)).contains(&Rule::HoldOutcome));
    assert!(of_expiry(|e| e.pending_id = TransferId::new(10)).contains(&Rule::HoldNotOpen));
    assert!(of_expiry(|e| e.pending_id = TransferId::new(20)).contains(&Rule::HoldNotOpen));
    assert!(of_expiry(|e| e.ledger = LedgerId::new(2)).contains(&Rule::HoldFieldsDiffer));

    // The reservation that expired, made to last: its release then came too early.
    let lasting = tampered(|event| match &mut event.fact {
        Fact::TransferCreated(created) if created.transfer.id.get() == 25 => {
            created.transfer.timeout = 10_000;
            true
        }
        _ => false,
    });
    assert!(lasting.contains(&Rule::HoldNotExpired), "{lasting:?}");
    // The one that was posted in time, made to expire before.
    let late = tampered(|event| match &mut event.fact {
        Fact::TransferCreated(created) if created.transfer.id.get() == 23 => {
            created.transfer.timeout = 1;
            true
        }
        _ => false,
    });
    assert!(late.contains(&Rule::HoldExpired), "{late:?}");

    let mut events = recorded().0;
    events.retain(|event| !matches!(event.fact, Fact::TransferExpired(_)));
    let rules: Vec<Rule> = audit(&events).into_iter().map(|(_, rule)| rule).collect();
    assert!(rules.contains(&Rule::CreditAccountClosed), "{rules:?}");
}

#[test]
fn an_event_that_was_left_out_is_found() {
    let events = recorded().0;
    for left_out in 0..events.len() {
        let mut rest = events.clone();
        let gone = rest.remove(left_out);
        let matters = !matches!(
            gone.fact,
            Fact::LedgerRegistered(_) | Fact::TransferRejected(_)
        );
        // What nothing refers to later leaves no trace in the books; the sequences show it.
        let refers = |event: &Event| match &event.fact {
            Fact::TransferCreated(created) => {
                let ids = [
                    created.transfer.debit_account_id,
                    created.transfer.credit_account_id,
                ];
                match &gone.fact {
                    Fact::TransferCreated(g) => {
                        ids.contains(&g.transfer.debit_account_id)
                            || ids.contains(&g.transfer.credit_account_id)
                    }
                    Fact::AccountCreated(account) => ids.contains(&account.id),
                    Fact::TransferExpired(_) => true,
                    _ => false,
                }
            }
            _ => false,
        };
        if matters && rest[left_out..].iter().any(refers) {
            assert!(!audit(&rest).is_empty(), "{gone:?}");
        }
    }
}
