//! From what was made up to what is asked.

use ledger_core::{
    AccountFlags, AccountId, Amount, GroupId, LedgerId, NewAccount, Timestamp, Transfer,
    TransferFlags, TransferId,
};

use super::commands::{
    AccountChange, AccountSpec, Shape, Share, Stamp, Target, TransferChange, TransferSpec,
};
use super::play::Play;

impl Play<'_> {
    fn stamp(&self, stamp: Stamp, newest: Timestamp) -> Timestamp {
        Timestamp::new(match stamp {
            Stamp::Before(nanoseconds) => self.now.get().saturating_sub(nanoseconds),
            Stamp::After(nanoseconds) => self.now.get() + nanoseconds,
            Stamp::AfterNewest(nanoseconds) => newest.get() + nanoseconds,
            Stamp::BeforeNewestAccount(nanoseconds) => self
                .model
                .newest_account()
                .get()
                .saturating_sub(nanoseconds),
            Stamp::Exactly(stamp) => stamp,
        })
    }

    pub fn account(&self, spec: &AccountSpec, imported: bool) -> NewAccount {
        let mut account = match &spec.again {
            Some(index) if !self.accounts.is_empty() => index.get(&self.accounts).clone(),
            _ => {
                let mut flags = AccountFlags::from_bits(spec.flags);
                if spec.linked {
                    flags = flags.with(AccountFlags::LINKED);
                }
                let mut timestamp = Timestamp::ZERO;
                if imported {
                    flags = flags.with(AccountFlags::IMPORTED);
                    timestamp = self.stamp(spec.stamp, self.model.newest_account());
                }
                NewAccount {
                    id: AccountId::new(spec.id),
                    ledger: LedgerId::new(spec.ledger),
                    code: 1,
                    flags,
                    overdraft_limit: Amount::new(spec.overdraft_limit),
                    balance_max: Amount::new(spec.balance_max),
                    name: spec.name.into(),
                    timestamp,
                    ..NewAccount::default()
                }
            }
        };
        let one = Amount::new(1);
        match spec.change {
            None => {}
            Some(AccountChange::Id(id)) => account.id = AccountId::new(id),
            Some(AccountChange::Ledger(ledger)) => account.ledger = LedgerId::new(ledger),
            Some(AccountChange::Code(code)) => account.code = code,
            Some(AccountChange::Flags(bits)) => account.flags = AccountFlags::from_bits(bits),
            Some(AccountChange::UserData128(data)) => account.user_data_128 = data,
            Some(AccountChange::UserData64(data)) => account.user_data_64 = data,
            Some(AccountChange::UserData32(data)) => account.user_data_32 = data,
            Some(AccountChange::OverdraftLimit(amount)) => {
                account.overdraft_limit = Amount::new(amount);
            }
            Some(AccountChange::BalanceMax(amount)) => account.balance_max = Amount::new(amount),
            Some(AccountChange::LongName) => account.name = "x".repeat(256).into(),
            Some(AccountChange::Timestamp(stamp)) => account.timestamp = Timestamp::new(stamp),
            Some(AccountChange::Imported) => {
                account.flags = account.flags.with(AccountFlags::IMPORTED);
            }
            Some(AccountChange::DebitsPending) => account.totals.debits_pending = one,
            Some(AccountChange::DebitsPosted) => account.totals.debits_posted = one,
            Some(AccountChange::CreditsPending) => account.totals.credits_pending = one,
            Some(AccountChange::CreditsPosted) => account.totals.credits_posted = one,
        }
        account
    }

    /// `before` are the transfers that go before it in the same request.
    pub fn transfer(&self, spec: &TransferSpec, imported: bool, before: &[Transfer]) -> Transfer {
        let asked: Vec<&Transfer> = self.requests.iter().flatten().chain(before).collect();
        let mut transfer = match &spec.again {
            Some(index) if !asked.is_empty() => (*index.get(&asked)).clone(),
            _ => self.new_transfer(spec, imported, &asked),
        };
        for change in &spec.changes {
            apply(&mut transfer, *change);
        }
        transfer
    }

    fn find_target(
        &self,
        target: &Target,
        asked: &[&Transfer],
        suits: impl Fn(&&&Transfer) -> bool,
    ) -> TransferId {
        let newest = |was_created: bool| -> Vec<&Transfer> {
            let created = |id| !was_created || self.model.made(id).is_some();
            let wanted = asked.iter().rev().filter(|t| suits(t) && created(t.id));
            wanted.take(4).copied().collect()
        };
        let (index, from) = match target {
            Target::Created(index) => (index, newest(true)),
            Target::Suitable(index) => (index, newest(false)),
            Target::Any(index) => (index, asked.to_vec()),
            Target::Id(id) => return TransferId::new(*id),
        };
        if from.is_empty() {
            TransferId::new(1)
        } else {
            index.get(&from).id
        }
    }

    fn new_transfer(&self, spec: &TransferSpec, imported: bool, asked: &[&Transfer]) -> Transfer {
        let mut transfer = Transfer {
            id: TransferId::new(spec.id),
            amount: Amount::new(spec.amount),
            user_data_32: spec.user_data,
            reference: spec.reference.into(),
            ..Transfer::default()
        };
        let mut flags = TransferFlags::NONE;
        let accounts = |transfer: &mut Transfer| {
            transfer.debit_account_id = AccountId::new(spec.debit);
            transfer.credit_account_id = AccountId::new(spec.credit);
            let both_of_two = spec.debit == 6 || spec.credit == 6;
            transfer.ledger = LedgerId::new(if both_of_two { 2 } else { 1 });
            transfer.code = 1;
            transfer.group_id = GroupId::new(spec.group);
        };
        let is_pending = |transfer: &&&Transfer| transfer.flags.contains(TransferFlags::PENDING);
        match &spec.shape {
            Shape::Single => accounts(&mut transfer),
            Shape::Pending => {
                accounts(&mut transfer);
                transfer.timeout = spec.timeout;
                flags = TransferFlags::PENDING;
            }
            Shape::Post {
                target,
                keep_open,
                share,
            } => {
                transfer.pending_id = self.find_target(target, asked, is_pending);
                transfer.amount = share_of(*share, transfer.pending_id, asked, spec);
                flags = TransferFlags::POST_PENDING_TRANSFER;
                if *keep_open {
                    flags = flags.with(TransferFlags::KEEP_OPEN);
                }
            }
            Shape::Void { target, fence } => {
                transfer.pending_id = self.find_target(target, asked, is_pending);
                transfer.amount = Amount::new(if spec.amount.is_multiple_of(2) {
                    0
                } else {
                    spec.amount
                });
                flags = TransferFlags::VOID_PENDING_TRANSFER;
                if *fence {
                    flags = flags.with(TransferFlags::FENCE);
                    transfer.ledger = LedgerId::new(1);
                }
            }
            Shape::Reversal {
                target,
                fence,
                share,
            } => {
                transfer.reverses_id = self.find_target(target, asked, |t| !is_pending(t));
                transfer.amount = share_of(*share, transfer.reverses_id, asked, spec);
                transfer.code = 1;
                if *fence {
                    flags = TransferFlags::FENCE;
                    transfer.ledger = LedgerId::new(1);
                }
            }
            Shape::BalancingDebit { pending } => {
                accounts(&mut transfer);
                flags = TransferFlags::BALANCING_DEBIT;
                if *pending {
                    flags = flags.with(TransferFlags::PENDING);
                }
            }
            Shape::BalancingCredit { pending } => {
                accounts(&mut transfer);
                flags = TransferFlags::BALANCING_CREDIT;
                if *pending {
                    flags = flags.with(TransferFlags::PENDING);
                }
            }
            Shape::Retry { which, amount } => {
                let made = |transfer: &&&Transfer| self.model.made(transfer.id).is_some();
                let created: Vec<&Transfer> = asked.iter().filter(made).copied().collect();
                if !created.is_empty() {
                    transfer = (*which.get(&created)).clone();
                    transfer.amount = amount.map_or(transfer.amount, Amount::new);
                }
                return transfer;
            }
            Shape::Closing { debit, credit } => {
                accounts(&mut transfer);
                transfer.timeout = spec.timeout;
                flags = TransferFlags::PENDING;
                if *debit {
                    flags = flags.with(TransferFlags::CLOSING_DEBIT);
                }
                if *credit {
                    flags = flags.with(TransferFlags::CLOSING_CREDIT);
                }
            }
        }
        if spec.linked {
            flags = flags.with(TransferFlags::LINKED);
        }
        if imported {
            flags = flags.with(TransferFlags::IMPORTED);
            transfer.timestamp = self.stamp(spec.stamp, self.model.newest_transfer());
            if spec.timeout < 3 {
                transfer.timeout = 0;
            }
        }
        transfer.flags = flags;
        transfer
    }
}

fn share_of(share: Share, target: TransferId, asked: &[&Transfer], spec: &TransferSpec) -> Amount {
    let target = asked.iter().find(|transfer| transfer.id == target);
    let whole = target.map_or(spec.amount, |target| target.amount.get());
    Amount::new(match share {
        Share::Any => spec.amount,
        Share::Half => whole / 2,
        Share::Whole => whole,
        Share::All => u128::MAX,
    })
}

fn apply(transfer: &mut Transfer, change: TransferChange) {
    use TransferChange as C;
    match change {
        C::Id(id) => transfer.id = TransferId::new(id),
        C::Debit(id) => transfer.debit_account_id = AccountId::new(id),
        C::Credit(id) => transfer.credit_account_id = AccountId::new(id),
        C::Amount(amount) => transfer.amount = Amount::new(amount),
        C::PendingId(id) => transfer.pending_id = TransferId::new(id),
        C::ReversesId(id) => transfer.reverses_id = TransferId::new(id),
        C::PendingIdOwn => transfer.pending_id = transfer.id,
        C::ReversesIdOwn => transfer.reverses_id = transfer.id,
        C::Group(id) => transfer.group_id = GroupId::new(id),
        C::UserData128(data) => transfer.user_data_128 = data,
        C::UserData64(data) => transfer.user_data_64 = data,
        C::UserData32(data) => transfer.user_data_32 = data,
        C::LongReference => transfer.reference = "x".repeat(65).into(),
        C::Reference(reference) => transfer.reference = reference.into(),
        C::Timeout(seconds) => transfer.timeout = seconds,
        C::Ledger(ledger) => transfer.ledger = LedgerId::new(ledger),
        C::Code(code) => transfer.code = code,
        C::FlipFlags(bit) => {
            transfer.flags = TransferFlags::from_bits(transfer.flags.bits() ^ bit);
        }
        C::Timestamp(stamp) => transfer.timestamp = Timestamp::new(stamp),
    }
}
