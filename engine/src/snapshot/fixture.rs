//! Random histories for the tests of snapshots, and journals that hold them.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, Event, GroupId, Journal, LedgerId, NewAccount,
    NewLedger, OldId, Sequence, State, Timestamp, Transfer, TransferFlags, TransferId,
    TransferOptions, Unreadable, UpdateId,
};

use crate::journal::{
    Appended, Closing, FrameBuilder, FrameKind, JournalOptions, Log, Opened, Preparation,
    RecoveryError, Replay, RequestContext, open,
};
use crate::vfs::{MemoryVfs, Vfs};

pub(crate) fn dir() -> &'static Path {
    Path::new("/data")
}

/// Numbers that follow from a seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// A journal that is a list of events, all of whose ids the state remembers.
#[derive(Default)]
struct Recorded(Vec<Event>);

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
        let place = sequence.get() as usize - 1;
        self.0.get(place).cloned().ok_or(Unreadable)
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

const LEDGERS: u64 = 3;

/// Makes up a history: several ledgers, accounts with limits and names, their updates, transfers,
/// holds that are posted, voided and expire, closings, reversals, fences, refusals.
pub(crate) struct Making {
    random: Random,
    state: State,
    journal: Recorded,
    now: u64,
    accounts: Vec<(u128, u32)>,
    /// Transfers asked for, as targets of what comes later.
    transfers: Vec<Transfer>,
    next_id: u128,
}

impl Making {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            state: State::new(seed),
            journal: Recorded::default(),
            now: 1_000_000_000,
            accounts: Vec::new(),
            transfers: Vec::new(),
            next_id: 1,
        }
    }

    /// The events so far.
    pub(crate) fn events(&self) -> &[Event] {
        &self.journal.0
    }

    /// Makes up requests until there are so many events.
    pub(crate) fn make(&mut self, events: usize) {
        while self.journal.0.len() < events {
            self.request();
        }
    }

    fn request(&mut self) {
        self.now += self.random.below(400_000_000) + 10_000;
        let now = Timestamp::new(self.now);
        self.state.expire_due(&mut self.journal, now, 16);
        match self.random.below(12) {
            0 => self.register(now),
            1 | 2 => self.create(now),
            3 => self.update(now),
            _ => self.transfer(now),
        }
    }

    fn register(&mut self, now: Timestamp) {
        let id = self.random.below(LEDGERS + 2) as u32 + 1;
        let ledger = NewLedger {
            id: LedgerId::new(id),
            code: format!("L{id}").into(),
            scale: id,
        };
        drop(
            self.state
                .register_ledgers(&mut self.journal, now, &[ledger]),
        );
    }

    fn create(&mut self, now: Timestamp) {
        let flags = [
            AccountFlags::NONE,
            AccountFlags::NONE,
            AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
            AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS,
            AccountFlags::HISTORY,
        ];
        // Ids come in no order.
        let id = u128::from(self.random.below(u64::MAX)) << self.random.below(64) | 1;
        let ledger = self.random.below(LEDGERS) as u32 + 1;
        let account = NewAccount {
            id: AccountId::new(id),
            ledger: LedgerId::new(ledger),
            code: self.random.below(4) as u16 + 1,
            flags: flags[self.random.below(flags.len() as u64) as usize],
            user_data_128: self.random.below(3).into(),
            user_data_64: self.random.below(3),
            user_data_32: self.random.below(3) as u32,
            overdraft_limit: Amount::new((self.random.below(3) * 1000).into()),
            balance_max: Amount::new((self.random.below(2) * 1_000_000).into()),
            name: "x".repeat(self.random.below(5) as usize).into(),
            ..NewAccount::default()
        };
        drop(
            self.state
                .create_accounts(&mut self.journal, now, &[account]),
        );
        self.accounts.push((id, ledger));
    }

    fn update(&mut self, now: Timestamp) {
        let Some((id, _)) = self.account() else {
            return;
        };
        self.next_id += 1;
        let mut update = AccountUpdate {
            update_id: UpdateId::new(self.next_id),
            id: AccountId::new(id),
            ..AccountUpdate::default()
        };
        if self.random.one_in(2) {
            update.overdraft_limit = Some(Amount::new(self.random.below(9).into()));
        }
        if self.random.one_in(2) {
            update.balance_max = Some(Amount::ZERO);
        }
        if self.random.one_in(2) {
            update.name = Some("y".repeat(self.random.below(3) as usize).into());
        }
        drop(
            self.state
                .update_accounts(&mut self.journal, now, &[update]),
        );
    }

    fn account(&mut self) -> Option<(u128, u32)> {
        let count = self.accounts.len() as u64;
        (count > 0).then(|| self.accounts[self.random.below(count) as usize])
    }

    fn transfer(&mut self, now: Timestamp) {
        let count = self.random.below(6) + 1;
        let transfers: Vec<Transfer> = (0..count).filter_map(|_| self.one_transfer()).collect();
        let options = TransferOptions::default();
        let decided = self
            .state
            .create_transfers(&mut self.journal, now, &transfers, options);
        drop(decided);
        self.transfers.extend(transfers);
    }

    fn one_transfer(&mut self) -> Option<Transfer> {
        self.next_id += 1;
        let id = TransferId::new(self.next_id << 20 | u128::from(self.random.below(1 << 20)));
        let recent = self.transfers.len().saturating_sub(40);
        let old = match self.random.one_in(3) {
            true => 0,
            false => recent,
        };
        let targets = (self.transfers.len() - old) as u64;
        let kind = self.random.below(10);
        if kind < 5 || targets == 0 {
            return self.fresh_transfer(id);
        }
        let target = self.transfers[old + self.random.below(targets) as usize].clone();
        let fence = match self.random.one_in(8) {
            true => TransferFlags::FENCE,
            false => TransferFlags::NONE,
        };
        let part = Amount::new(target.amount.get() / u128::from(self.random.below(3) + 1));
        let mut transfer = Transfer {
            id,
            amount: part,
            pending_id: target.id,
            ..Transfer::default()
        };
        transfer.flags = match kind {
            5 => TransferFlags::POST_PENDING_TRANSFER,
            6 => TransferFlags::POST_PENDING_TRANSFER.with(TransferFlags::KEEP_OPEN),
            7 | 8 => {
                transfer.amount = Amount::ZERO;
                transfer.ledger = LedgerId::new(1);
                if fence == TransferFlags::FENCE {
                    transfer.pending_id = TransferId::new(self.random.below(1 << 60).into());
                } else {
                    transfer.ledger = LedgerId::ZERO;
                }
                TransferFlags::VOID_PENDING_TRANSFER.with(fence)
            }
            _ => {
                transfer.pending_id = TransferId::ZERO;
                transfer.reverses_id = target.id;
                transfer.code = 9;
                TransferFlags::NONE
            }
        };
        Some(transfer)
    }

    fn fresh_transfer(&mut self, id: TransferId) -> Option<Transfer> {
        let (debit, ledger) = self.account()?;
        let (credit, _) = self.account()?;
        let amounts = [0, 1, 7, 100, 5_000];
        let mut transfer = Transfer {
            id,
            debit_account_id: AccountId::new(debit),
            credit_account_id: AccountId::new(credit),
            amount: Amount::new(amounts[self.random.below(5) as usize]),
            user_data_64: self.random.below(2),
            ledger: LedgerId::new(ledger),
            code: 1,
            ..Transfer::default()
        };
        if self.random.one_in(2) {
            transfer.flags = match self.random.below(12) {
                0 => TransferFlags::PENDING.with(TransferFlags::CLOSING_DEBIT),
                1 => TransferFlags::PENDING.with(TransferFlags::CLOSING_CREDIT),
                _ => TransferFlags::PENDING,
            };
            transfer.timeout = self.random.below(4) as u32;
            transfer.group_id = GroupId::new(self.random.below(2).into());
            transfer.user_data_128 = self.random.below(2).into();
            transfer.user_data_32 = self.random.below(2) as u32;
            transfer.reference = "ref".repeat(self.random.below(2) as usize).into();
        }
        Some(transfer)
    }
}

/// Takes what is read for granted.
pub(crate) struct Unread;

impl Replay for Unread {
    fn event(
        &mut self,
        _: &Event,
        _: &RequestContext<'_>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }
}

pub(crate) fn open_journal(vfs: &MemoryVfs, segment_bytes: u64) -> Opened {
    try_open_journal(vfs, segment_bytes).expect("the journal is whole")
}

pub(crate) fn try_open_journal(
    vfs: &MemoryVfs,
    segment_bytes: u64,
) -> Result<Opened, RecoveryError> {
    let options = JournalOptions {
        segment_bytes,
        preparation: Preparation::Inline,
    };
    let vfs: Arc<dyn Vfs> = Arc::new(vfs.clone());
    open(vfs, dir(), options, &mut Unread)
}

/// Writes events to the journal, in frames of up to `frame_events`, and has all of it sealed.
pub(crate) fn write(vfs: &MemoryVfs, events: &[Event], segment_bytes: u64, frame_events: usize) {
    let mut opened = open_journal(vfs, segment_bytes);
    let mut time = opened.recovered.time;
    for events in events.chunks(frame_events) {
        let mut builder = FrameBuilder::new(events[0].sequence, time);
        for event in events {
            builder.begin_request(&RequestContext::default());
            builder.push(event);
            builder.end_request();
        }
        time = events[events.len() - 1].time;
        let frame = builder.close(Closing {
            kind: FrameKind::Events,
            close_time: time,
            committed: Sequence::ZERO,
        });
        assert!(matches!(opened.log.append(&frame), Appended::Durable(_)));
    }
    drop(opened);
    drop(open_journal(vfs, segment_bytes));
}

/// The sealed segments, with the last event of each.
pub(crate) fn sealed(vfs: &MemoryVfs) -> Vec<(u64, Sequence)> {
    let vfs: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let survey =
        crate::journal::survey::Survey::list(&*vfs, dir()).expect("the directory is there");
    let last = |&number: &u64| {
        let path = crate::journal::names::sealed(dir(), number);
        let opened = crate::journal::sealed::SealedFile::open(&vfs, &path, number);
        let (footer, _) = opened.expect("it can be read").expect("it is whole");
        let end = footer.first_sequence.get() + footer.event_count;
        (number, Sequence::new(end - 1))
    };
    survey.sealed.iter().map(last).collect()
}

/// The state after the first events.
pub(crate) fn replayed(events: &[Event], through: Sequence) -> State {
    let mut state = State::new(7);
    for event in &events[..through.get() as usize] {
        state.replay(event).expect("the events were decided");
    }
    state
}

/// Derives a snapshot from the first segment on, through the segment with this number.
pub(crate) fn take(vfs: &MemoryVfs, through: u64) -> std::path::PathBuf {
    let vfs: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let first = crate::journal::names::sealed(dir(), 1);
    let opened = crate::journal::sealed::SealedFile::open(&vfs, &first, 1);
    let (footer, _) = opened.expect("it can be read").expect("it is whole");
    let order = super::derive::Order {
        vfs: &vfs,
        dir: dir(),
        database: footer.database,
        base: None,
        through,
        names: std::collections::BTreeSet::new(),
        in_memory_max: 1_000,
    };
    let pace = super::pace::Pace::new(&|_| true);
    super::derive::derive(&order, &pace).expect("the journal is whole")
}
