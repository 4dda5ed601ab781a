//! A world and an event in it, in order but for the defects that were added.

use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, GroupId, LedgerId, NewAccount, Timestamp,
    Transfer, TransferFlags as F, TransferId, TransferStatus, UpdateId,
};

use crate::books::Books;
use crate::core_books::CoreBooks;
use crate::model::{Kind, Place, Rule, World};

/// The id of the event.
pub const EVENT: u128 = 100;
/// The id of the transfer that a post, void or reversal names.
pub const TARGET: u128 = 50;

/// The clock before anything happens: late enough for a timeout to pass the end of time.
const START: u64 = 6_000_000_000_000_000_000;
const MILLISECOND: u64 = 1_000_000;

/// A timestamp of the event.
#[derive(Clone, Copy)]
pub enum Stamp {
    /// As it is.
    Exactly(u64),
    /// Just before it is judged: newer than everything there is.
    Fine,
    /// Just before the account that is created last.
    BeforeLateAccount,
}

impl Stamp {
    /// Older than every account.
    pub const OLD: Self = Self::Exactly(START - 1);
}

/// The event that goes before it in the same request, and is refused.
#[derive(Clone, Copy, Default)]
pub struct Lead {
    /// Whether the event is in its chain.
    pub linked: bool,
    /// Whether it is imported; as the event is, unless told.
    pub imported: Option<bool>,
}

/// A world and an event in it. What goes before the event happens in the order of the fields.
#[derive(Clone)]
pub struct Situation {
    pub kind: Kind,
    pub accounts: Vec<NewAccount>,
    /// The named transfer, and what was done to it.
    pub target: Vec<Transfer>,
    /// What the event's id stands for already.
    pub prior: Option<Transfer>,
    /// Whatever else happened, a request each.
    pub before: Vec<Vec<Transfer>>,
    /// An account that is created only now.
    pub late_account: Option<AccountId>,
    pub updates: Vec<AccountUpdate>,
    pub wait_s: u64,
    pub lead: Option<Lead>,
    pub event: Transfer,
    pub stamp: Stamp,
}

impl Situation {
    /// An event of this kind that would be created.
    pub fn of(kind: Kind) -> Self {
        let account = |id: u128| NewAccount {
            id: AccountId::new(id),
            ledger: LedgerId::new(if id < 20 { 1 } else { 2 }),
            code: 1,
            ..NewAccount::default()
        };
        let mut accounts: Vec<NewAccount> = (1..=9).map(account).collect();
        accounts.extend((20..=21).map(account));
        let mut situation = Self {
            kind,
            accounts,
            target: Vec::new(),
            prior: None,
            before: Vec::new(),
            late_account: None,
            updates: Vec::new(),
            wait_s: 0,
            lead: None,
            event: Transfer {
                id: TransferId::new(EVENT),
                ..Transfer::default()
            },
            stamp: Stamp::Exactly(0),
        };
        let event = &mut situation.event;
        match kind {
            Kind::Single => *event = single(EVENT, 1, 2, 40),
            Kind::Pending => *event = pending(EVENT, 1, 2, 40),
            Kind::Post => {
                event.pending_id = TransferId::new(TARGET);
                event.amount = Amount::new(40);
                event.flags = F::POST_PENDING_TRANSFER;
                situation.target.push(pending(TARGET, 1, 2, 100));
            }
            Kind::Void => {
                event.pending_id = TransferId::new(TARGET);
                event.flags = F::VOID_PENDING_TRANSFER;
                situation.target.push(pending(TARGET, 1, 2, 100));
            }
            Kind::Reversal => {
                event.reverses_id = TransferId::new(TARGET);
                event.amount = Amount::new(40);
                event.code = 1;
                situation.target.push(single(TARGET, 1, 2, 100));
            }
        }
        situation
    }

    /// The account that the event debits when nothing is wrong with it.
    pub fn debited(&self) -> u128 {
        if self.kind == Kind::Reversal { 2 } else { 1 }
    }

    /// The account that the event credits when nothing is wrong with it.
    pub fn credited(&self) -> u128 {
        if self.kind == Kind::Reversal { 1 } else { 2 }
    }

    /// The longest timeout that ends in time when nothing has happened yet.
    pub fn longest_timeout_s() -> u32 {
        u32::try_from((Timestamp::MAX.get() - START) / 1_000_000_000).expect("START is late")
    }

    pub fn account(&mut self, id: u128) -> &mut NewAccount {
        let account = self
            .accounts
            .iter_mut()
            .find(|account| account.id.get() == id);
        account.expect("one of the accounts of every situation")
    }

    /// The named transfer itself.
    pub fn the_target(&mut self) -> &mut Transfer {
        self.target.first_mut().expect("this kind has a target")
    }

    /// The transfer that has the event's id already; the event as it would be created, unless one
    /// was chosen before.
    pub fn the_prior(&mut self) -> &mut Transfer {
        let base = Self::of(self.kind).event;
        self.prior.get_or_insert(base)
    }

    pub fn earlier(&mut self, transfer: Transfer) {
        self.before.push(vec![transfer]);
    }

    pub fn add_flags(&mut self, flags: F) {
        self.event.flags = self.event.flags.with(flags);
    }

    pub fn import(&mut self, stamp: Stamp) {
        self.add_flags(F::IMPORTED);
        self.stamp = stamp;
    }

    /// Gives an account a limit that nothing in the past could pass, and that is withdrawn just
    /// before the event.
    pub fn limit(&mut self, id: u128, flag: AccountFlags) {
        let account = self.account(id);
        account.flags = account.flags.with(flag);
        account.overdraft_limit = Amount::MAX;
        let update = self.update(id);
        update.overdraft_limit = Some(Amount::ZERO);
    }

    pub fn update(&mut self, id: u128) -> &mut AccountUpdate {
        let number = u128::try_from(self.updates.len()).expect("few updates") + 1;
        self.updates.push(AccountUpdate {
            update_id: UpdateId::new(number),
            id: AccountId::new(id),
            ..AccountUpdate::default()
        });
        self.updates.last_mut().expect("just pushed")
    }

    /// Lets everything happen that goes before the event's own request, and tells the clock.
    fn play<B: Books>(&self, books: &mut B) -> (Timestamp, Vec<TransferStatus>) {
        let mut clock = START;
        let mut tick = || {
            clock += MILLISECOND;
            Timestamp::new(clock)
        };
        let mut statuses = Vec::new();
        let early = self
            .accounts
            .iter()
            .filter(|account| Some(account.id) != self.late_account)
            .cloned();
        books.create_accounts(tick(), &early.collect::<Vec<_>>());
        for transfer in &self.target {
            let answers = books.create_transfers(tick(), std::slice::from_ref(transfer), false);
            statuses.push(answers[0].status);
        }
        if let Some(prior) = &self.prior {
            let now = tick();
            let mut prior = prior.clone();
            if prior.flags.contains(F::IMPORTED) {
                prior.timestamp = Timestamp::new(now.get() - 5);
            }
            let mut request = vec![prior.clone()];
            if prior.flags.contains(F::LINKED) {
                // Its chain is closed by a transfer of nothing between accounts of no interest.
                let mut closing = single(999, 8, 9, 0);
                if prior.flags.contains(F::IMPORTED) {
                    closing.flags = F::IMPORTED;
                    closing.timestamp = Timestamp::new(now.get() - 4);
                }
                request.push(closing);
            }
            let answers = books.create_transfers(now, &request, false);
            statuses.push(answers[0].status);
        }
        for request in &self.before {
            books.create_transfers(tick(), request, false);
        }
        if let Some(late) = self.late_account {
            let account = self.accounts.iter().find(|account| account.id == late);
            let account = account.expect("one of the accounts").clone();
            books.create_accounts(tick(), &[account]);
        }
        books.update_accounts(tick(), &self.updates);
        let now = Timestamp::new(tick().get() + self.wait_s * 1_000_000_000);
        (now, statuses)
    }

    /// The request with the event, and its place in it.
    fn request<B: Books>(&self, books: &B, now: Timestamp) -> (Vec<Transfer>, usize) {
        let mut event = self.event.clone();
        event.timestamp = match self.stamp {
            Stamp::Exactly(stamp) => Timestamp::new(stamp),
            Stamp::Fine => Timestamp::new(now.get() - 5),
            Stamp::BeforeLateAccount => {
                let newest = books
                    .accounts()
                    .iter()
                    .map(|account| account.timestamp.get())
                    .max();
                Timestamp::new(newest.expect("there are accounts") - 5)
            }
        };
        let Some(lead) = self.lead else {
            return (vec![event], 0);
        };
        let mut flags = F::NONE;
        if lead.linked {
            flags = flags.with(F::LINKED);
        }
        if lead.imported.unwrap_or(event.flags.contains(F::IMPORTED)) {
            flags = flags.with(F::IMPORTED);
        }
        // Its id is zero, so it is refused.
        (
            vec![
                Transfer {
                    flags,
                    ..Transfer::default()
                },
                event,
            ],
            1,
        )
    }

    /// All that is wrong with the event, by the model, in order of precedence.
    pub fn defects(&self) -> Vec<&'static Rule> {
        let mut world = World::default();
        let (now, _) = self.play(&mut world);
        let (request, index) = self.request(&world, now);
        let place = Place {
            first_imported: request[0].flags.contains(F::IMPORTED),
            leaves_chain_open: request[index].flags.contains(F::LINKED),
            chain_broken: self.lead.is_some_and(|lead| lead.linked),
        };
        world.refusing_rules(now, &request[index], place)
    }

    /// What the ledger core answers to the event.
    pub fn answered_by_core(&self) -> TransferStatus {
        let mut books = CoreBooks::new(5);
        let (now, _) = self.play(&mut books);
        let (request, index) = self.request(&books, now);
        let answers = books.create_transfers(now, &request, false);
        books.assert_invariants();
        answers[index].status
    }
}

pub fn single(id: u128, debit: u128, credit: u128, amount: u128) -> Transfer {
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

pub fn pending(id: u128, debit: u128, credit: u128, amount: u128) -> Transfer {
    Transfer {
        flags: F::PENDING,
        ..single(id, debit, credit, amount)
    }
}

pub fn post(id: u128, pending_id: u128, amount: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        pending_id: TransferId::new(pending_id),
        amount: Amount::new(amount),
        flags: F::POST_PENDING_TRANSFER,
        ..Transfer::default()
    }
}

pub fn void(id: u128, pending_id: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        pending_id: TransferId::new(pending_id),
        flags: F::VOID_PENDING_TRANSFER,
        ..Transfer::default()
    }
}

/// A void that overtakes its target.
pub fn fence(id: u128, pending_id: u128) -> Transfer {
    Transfer {
        ledger: LedgerId::new(1),
        flags: F::VOID_PENDING_TRANSFER.with(F::FENCE),
        ..void(id, pending_id)
    }
}

pub fn group(transfer: Transfer, group: u128) -> Transfer {
    Transfer {
        group_id: GroupId::new(group),
        ..transfer
    }
}
