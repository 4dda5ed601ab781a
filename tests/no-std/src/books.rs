//! A small set of books.

use alloc::vec::Vec;

use ledger_core::{
    AccountId, AccountStatus, Amount, Event, GroupId, Journal, LedgerId, LedgerStatus, NewAccount,
    NewLedger, OldId, Sequence, State, Timestamp, Transfer, TransferFlags, TransferId,
    TransferOptions, TransferStatus, Unreadable, UpdateId,
};

/// A journal that is a list of events.
#[derive(Default)]
struct JournalInMemory(Vec<Event>);

impl Journal for JournalInMemory {
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
        let position = usize::try_from(sequence.get()).map_err(|_| Unreadable)?;
        let event = position.checked_sub(1).and_then(|index| self.0.get(index));
        event.cloned().ok_or(Unreadable)
    }

    fn old_id(&self, _: TransferId) -> Result<Option<OldId>, Unreadable> {
        Ok(None)
    }

    fn old_update(&self, _: UpdateId) -> Result<Option<Sequence>, Unreadable> {
        Ok(None)
    }

    fn old_group_holds(&self, _: GroupId, _: Sequence) -> Result<u32, Unreadable> {
        Ok(0)
    }
}

/// Registers a ledger, creates two accounts, reserves, posts, refuses and releases, and replays it
/// all.
pub fn keep() {
    let mut state = State::new(1);
    let mut journal = JournalInMemory::default();
    let now = Timestamp::new(1_000_000_000);

    let ledger = NewLedger {
        id: LedgerId::new(1),
        code: "USD".into(),
        scale: 2,
    };
    let statuses = state.register_ledgers(&mut journal, now, &[ledger]);
    assert!(statuses.is_ok_and(|statuses| statuses == [LedgerStatus::Registered]));

    let account = |id| NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    let answers = state.create_accounts(&mut journal, now, &[account(1), account(2)]);
    let created = |status| status == AccountStatus::Created;
    assert!(answers.is_ok_and(|answers| answers.iter().all(|answer| created(answer.status))));

    let transfers = [
        Transfer {
            id: TransferId::new(1),
            debit_account_id: AccountId::new(1),
            credit_account_id: AccountId::new(2),
            amount: Amount::new(100),
            timeout: 1,
            ledger: LedgerId::new(1),
            code: 1,
            flags: TransferFlags::PENDING,
            ..Transfer::default()
        },
        Transfer {
            id: TransferId::new(2),
            pending_id: TransferId::new(1),
            amount: Amount::new(40),
            flags: TransferFlags::POST_PENDING_TRANSFER.with(TransferFlags::KEEP_OPEN),
            ..Transfer::default()
        },
        Transfer {
            id: TransferId::new(3),
            reverses_id: TransferId::new(9),
            amount: Amount::MAX,
            code: 1,
            ..Transfer::default()
        },
    ];
    let answers = state.create_transfers(&mut journal, now, &transfers, TransferOptions::default());
    let Ok(answers) = answers else {
        panic!("a journal in memory can be read")
    };
    let statuses = [
        TransferStatus::Created,
        TransferStatus::Created,
        TransferStatus::ReversedTransferNotFound,
    ];
    assert!(
        answers
            .answers
            .iter()
            .map(|answer| answer.status)
            .eq(statuses)
    );

    let later = Timestamp::new(3_000_000_000);
    assert_eq!(state.expire_due(&mut journal, later, 10), 1);

    let mut replayed = State::new(2);
    for event in &journal.0 {
        assert!(
            replayed.replay(event).is_ok(),
            "what was decided can be replayed"
        );
    }
    assert!(
        state.digest() == replayed.digest(),
        "the same events give the same state"
    );
    assert!(
        state.ledgers().all(ledger_core::Ledger::is_balanced),
        "debits equal credits"
    );
}
