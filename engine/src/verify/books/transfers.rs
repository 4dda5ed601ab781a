//! Transfers: what they move, and what that must do to the totals of two accounts.

use ledger_core::{
    Account, AccountFlags, Amount, HoldAfter, LedgerId, Timestamp, Totals, Transfer,
    TransferCreated, TransferFlags as F,
};

use super::{Books, Broken, Id, Posted, Rule, is_moment, note_broken};

/// What one transfer is, by its flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Single,
    Pending,
    Post,
    Void,
    Reversal,
}

impl Kind {
    fn of(transfer: &Transfer) -> Self {
        let has = |flag| transfer.flags.contains(flag);
        match () {
            () if has(F::POST_PENDING_TRANSFER) => Self::Post,
            () if has(F::VOID_PENDING_TRANSFER) => Self::Void,
            () if has(F::PENDING) => Self::Pending,
            () if !transfer.reverses_id.is_zero() => Self::Reversal,
            () => Self::Single,
        }
    }
}

/// What an event adds to the debit side of one account and the credit side of another.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Movement {
    pub(super) reserved: Amount,
    pub(super) released: Amount,
    pub(super) posted: Amount,
}

impl Movement {
    fn side(&self, pending: Amount, posted: Amount) -> Option<(Amount, Amount)> {
        let pending = pending
            .checked_add(self.reserved)?
            .checked_sub(self.released)?;
        Some((pending, posted.checked_add(self.posted)?))
    }

    fn on_debit(&self, totals: &Totals) -> Option<Totals> {
        let (pending, posted) = self.side(totals.debits_pending, totals.debits_posted)?;
        Some(Totals {
            debits_pending: pending,
            debits_posted: posted,
            ..*totals
        })
    }

    fn on_credit(&self, totals: &Totals) -> Option<Totals> {
        let (pending, posted) = self.side(totals.credits_pending, totals.credits_posted)?;
        Some(Totals {
            credits_pending: pending,
            credits_posted: posted,
            ..*totals
        })
    }
}

impl Books {
    pub(super) fn enter_transfer(
        &mut self,
        created: &TransferCreated,
        time: Timestamp,
        broken: &mut Broken,
    ) {
        let transfer = &created.transfer;
        let kind = Kind::of(transfer);
        check_shape(transfer, kind, broken);
        let is_imported = transfer.flags.contains(F::IMPORTED);
        if !is_moment(transfer.timestamp, time, is_imported, self.newest_transfer) {
            broken.push(Rule::TransferTimestamp);
        }
        self.newest_transfer = self.newest_transfer.max(transfer.timestamp);
        self.transfers += 1;
        *self.transfers_of.entry(transfer.ledger).or_insert(0) += 1;
        let Some((debit, credit)) = self.find_accounts(created, broken) else {
            self.take_id(transfer.id.get(), Id::UsedUp, broken);
            return;
        };
        if kind != Kind::Void {
            self.check_open(debit, credit, broken);
        }
        if is_imported && matches!(kind, Kind::Single | Kind::Pending) {
            let moment = transfer.timestamp;
            let postdates = |index: u32| moment > self.accounts[index as usize].account.timestamp;
            if !postdates(debit) || !postdates(credit) {
                broken.push(Rule::TransferTimestamp);
            }
        }
        let amount = transfer.amount;
        let posted = Id::Posted(Posted {
            debit,
            credit,
            amount,
        });
        let (movement, id) = match kind {
            Kind::Single => (
                Movement {
                    posted: amount,
                    ..Movement::default()
                },
                posted,
            ),
            Kind::Reversal => {
                self.enter_reversal(created, debit, credit, broken);
                (
                    Movement {
                        posted: amount,
                        ..Movement::default()
                    },
                    posted,
                )
            }
            Kind::Pending => {
                self.open_hold(transfer, debit, credit, broken);
                (
                    Movement {
                        reserved: amount,
                        ..Movement::default()
                    },
                    Id::Reserved,
                )
            }
            Kind::Post => (
                self.enter_post(created, debit, credit, time, broken),
                posted,
            ),
            Kind::Void => (
                self.enter_void(created, debit, credit, time, broken),
                Id::Voided,
            ),
        };
        let is_reversal = kind == Kind::Reversal;
        let acts = matches!(kind, Kind::Post | Kind::Void);
        let has_hold = created.hold != HoldAfter::default();
        if !is_reversal && !created.reversed.is_zero() || !acts && has_hold {
            broken.push(Rule::UnexpectedOutcome);
        }
        self.take_id(transfer.id.get(), id, broken);
        let after = (&created.debit_after, &created.credit_after);
        self.enter_totals(debit, credit, movement, after, broken);
        if !acts {
            self.check_limits(transfer.flags, debit, credit, amount, broken);
        }
    }

    fn find_accounts(&self, created: &TransferCreated, broken: &mut Broken) -> Option<(u32, u32)> {
        let transfer = &created.transfer;
        let index = |id: u128| self.account_by_id.get(&id).copied();
        let debit = index(transfer.debit_account_id.get());
        let credit = index(transfer.credit_account_id.get());
        if debit.is_none() {
            broken.push(Rule::DebitAccountMissing);
        }
        if credit.is_none() {
            broken.push(Rule::CreditAccountMissing);
        }
        let (debit, credit) = (debit?, credit?);
        if debit == credit {
            broken.push(Rule::AccountsAreTheSame);
        }
        let ledger = |index: u32| self.accounts[index as usize].account.ledger;
        let ledgers = [ledger(debit), ledger(credit)];
        if transfer.ledger == LedgerId::ZERO || ledgers != [transfer.ledger; 2] {
            broken.push(Rule::LedgersDiffer);
        }
        Some((debit, credit))
    }

    fn check_open(&self, debit: u32, credit: u32, broken: &mut Broken) {
        let is_open = |index: u32| !self.accounts[index as usize].is_closed();
        note_broken(
            [
                (is_open(debit), Rule::DebitAccountClosed),
                (is_open(credit), Rule::CreditAccountClosed),
            ],
            broken,
        );
    }

    fn enter_reversal(
        &mut self,
        created: &TransferCreated,
        debit: u32,
        credit: u32,
        broken: &mut Broken,
    ) {
        let transfer = &created.transfer;
        let target = transfer.reverses_id.get();
        let Some(Id::Posted(reversed)) = self.ids.get(&target).copied() else {
            broken.push(if self.ids.contains_key(&target) {
                Rule::ReversedNotPosted
            } else {
                Rule::ReversedMissing
            });
            return;
        };
        if (reversed.debit, reversed.credit) != (credit, debit) {
            broken.push(Rule::ReversalFieldsDiffer);
        }
        let so_far = self.reversed.entry(target).or_insert(Amount::ZERO);
        let sum = so_far.saturating_add(transfer.amount);
        *so_far = sum;
        if sum > reversed.amount {
            broken.push(Rule::ReversalAmount {
                found: sum,
                amount: reversed.amount,
            });
        }
        let took_all_rightly = !created.took_all || sum == reversed.amount;
        if created.reversed != sum || !took_all_rightly {
            broken.push(Rule::ReversalOutcome { expected: sum });
        }
    }

    /// Moves amounts between two accounts, and compares with the totals that the event gives.
    pub(super) fn enter_totals(
        &mut self,
        debit: u32,
        credit: u32,
        movement: Movement,
        (debit_after, credit_after): (&Totals, &Totals),
        broken: &mut Broken,
    ) {
        let totals = |index: u32| self.accounts[index as usize].account.totals;
        let expected = movement
            .on_debit(&totals(debit))
            .zip(movement.on_credit(&totals(credit)));
        match expected {
            None => broken.push(Rule::TotalOutOfRange),
            Some((debit_expected, credit_expected)) => {
                let (expected, found) = (debit_expected, *debit_after);
                if expected != found {
                    broken.push(Rule::DebitTotals { expected, found });
                }
                let (expected, found) = (credit_expected, *credit_after);
                if expected != found {
                    broken.push(Rule::CreditTotals { expected, found });
                }
            }
        }
        for after in [debit_after, credit_after] {
            let debits = after.debits_pending.checked_add(after.debits_posted);
            let credits = after.credits_pending.checked_add(after.credits_posted);
            if debits.is_none() || credits.is_none() {
                broken.push(Rule::TotalOutOfRange);
            }
        }
        for (index, after) in [(debit, debit_after), (credit, credit_after)] {
            let account = &mut self.accounts[index as usize].account;
            account.totals = *after;
            account.changed = self.sequence;
        }
    }

    /// The limits of both accounts, after something was posted or reserved.
    fn check_limits(&self, flags: F, debit: u32, credit: u32, amount: Amount, broken: &mut Broken) {
        let debit = &self.accounts[debit as usize].account;
        let credit = &self.accounts[credit as usize].account;
        let debits = sides(debit).0;
        let credits = sides(credit).1;
        let funds = |side: Amount, account: &Account| side.saturating_add(account.overdraft_limit);
        let limits_debits = debit
            .flags
            .contains(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS);
        if limits_debits && debits > funds(debit.totals.credits_posted, debit) {
            broken.push(Rule::ExceedsCredits);
        }
        if limits_credits(credit) && credits > funds(credit.totals.debits_posted, credit) {
            broken.push(Rule::ExceedsDebits);
        }
        let below = |value: Amount, account: &Account, other: Amount| {
            account.balance_max.is_zero() || value <= account.balance_max.saturating_add(other)
        };
        let debit_below =
            !limits_credits(debit) || below(debits, debit, debit.totals.credits_posted);
        let credit_below =
            limits_credits(credit) || below(credits, credit, credit.totals.debits_posted);
        if !debit_below || !credit_below {
            broken.push(Rule::ExceedsBalanceMax);
        }
        let balances_debit = flags.contains(F::BALANCING_DEBIT);
        let balances_credit = flags.contains(F::BALANCING_CREDIT);
        let beyond = balances_debit && debits > debit.totals.credits_posted
            || balances_credit && credits > credit.totals.debits_posted;
        if beyond && !amount.is_zero() {
            broken.push(Rule::ExceedsBalancing);
        }
    }
}

/// Debits and credits, pending and posted together.
fn sides(account: &Account) -> (Amount, Amount) {
    let totals = &account.totals;
    (
        totals.debits_pending.saturating_add(totals.debits_posted),
        totals.credits_pending.saturating_add(totals.credits_posted),
    )
}

fn limits_credits(account: &Account) -> bool {
    account
        .flags
        .contains(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS)
}

/// Whether the fields that a transfer has go together.
fn check_shape(transfer: &Transfer, kind: Kind, broken: &mut Broken) {
    let flags = transfer.flags;
    let has = |flag| flags.contains(flag);
    let acts = matches!(kind, Kind::Post | Kind::Void);
    let balancing = flags.intersects(F::BALANCING_DEBIT.with(F::BALANCING_CREDIT));
    let closing = flags.intersects(F::CLOSING_DEBIT.with(F::CLOSING_CREDIT));
    let reverses = !transfer.reverses_id.is_zero();
    let conflicts = [
        flags.has_reserved(),
        has(F::POST_PENDING_TRANSFER) && has(F::VOID_PENDING_TRANSFER),
        acts && (has(F::PENDING) || balancing || closing || reverses),
        closing && kind != Kind::Pending,
        reverses && (has(F::PENDING) || balancing),
        has(F::FENCE) && kind != Kind::Void && !reverses,
        has(F::FENCE) && has(F::IMPORTED),
        has(F::KEEP_OPEN) && kind != Kind::Post,
    ];
    let fields = (acts != transfer.pending_id.is_zero())
        && (transfer.timeout == 0 || kind == Kind::Pending && !has(F::IMPORTED))
        && transfer.pending_id != transfer.id
        && transfer.reverses_id != transfer.id;
    note_broken(
        [
            (!conflicts.contains(&true), Rule::TransferFlags),
            (fields, Rule::TransferFields),
            (transfer.code != 0, Rule::TransferCodeZero),
        ],
        broken,
    );
}
