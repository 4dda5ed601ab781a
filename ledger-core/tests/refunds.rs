//! A million refunds of one cent: what is left of a transfer is found without going through the
//! refunds before.

use ledger_core::{
    AccountId, Amount, Event, Fact, GroupId, Journal, LedgerId, NewAccount, OldId, Sequence, State,
    Timestamp, Transfer, TransferAnswer, TransferId, TransferOptions, TransferStatus, Unreadable,
    UpdateId,
};

const REFUNDS: u128 = 1_000_000;

/// A journal that recalls the refunded transfer and the newest event, and counts how often it is
/// asked.
#[derive(Default)]
struct Forgetful {
    refunded: Option<Event>,
    newest: Option<Event>,
    recalled: u64,
    asked: std::cell::Cell<u64>,
}

impl Journal for Forgetful {
    fn record(&mut self, event: &Event) {
        if let Fact::TransferCreated(created) = &event.fact
            && created.transfer.reverses_id.is_zero()
        {
            self.refunded = Some(event.clone());
        }
        self.newest = Some(event.clone());
        self.recalled += 1;
    }

    fn mark(&self) -> usize {
        0
    }

    fn rewind(&mut self, _: usize) {
        panic!("nothing here is a chain or a dry run");
    }

    fn event(&self, sequence: Sequence) -> Result<Event, Unreadable> {
        self.asked.set(self.asked.get() + 1);
        let known = [&self.refunded, &self.newest].into_iter().flatten();
        known
            .into_iter()
            .find(|event| event.sequence == sequence)
            .cloned()
            .ok_or(Unreadable)
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

fn refund(id: u128, cents: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        reverses_id: TransferId::new(1),
        amount: Amount::new(cents),
        code: 1,
        ..Transfer::default()
    }
}

#[test]
fn a_million_refunds_of_one_cent_leave_nothing_and_no_more() {
    let mut state = State::new(1);
    let mut journal = Forgetful::default();
    let now = Timestamp::new(1);
    let account = |id| NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    state
        .create_accounts(&mut journal, now, &[account(1), account(2)])
        .expect("readable");
    let sale = Transfer {
        id: TransferId::new(1),
        debit_account_id: AccountId::new(1),
        credit_account_id: AccountId::new(2),
        amount: Amount::new(REFUNDS),
        ledger: LedgerId::new(1),
        code: 1,
        ..Transfer::default()
    };
    let mut ask = |journal: &mut Forgetful, transfers: &[Transfer]| -> Vec<TransferAnswer> {
        let options = TransferOptions::default();
        state
            .create_transfers(journal, now, transfers, options)
            .expect("readable")
            .answers
    };
    assert_eq!(
        ask(&mut journal, &[sale])[0].status,
        TransferStatus::Created
    );

    let ids: Vec<u128> = (2..REFUNDS + 2).collect();
    for ids in ids.chunks(8192) {
        let refunds: Vec<Transfer> = ids.iter().map(|&id| refund(id, 1)).collect();
        let answers = ask(&mut journal, &refunds);
        assert!(
            answers
                .iter()
                .all(|answer| answer.status == TransferStatus::Created)
        );
    }
    assert!(
        journal.asked.get() <= 2 * journal.recalled,
        "two events are read for a refund"
    );

    let answers = ask(
        &mut journal,
        &[refund(REFUNDS + 2, 1), refund(REFUNDS + 3, 0)],
    );
    assert_eq!(answers[0].status, TransferStatus::ExceedsReversibleAmount);
    assert_eq!(answers[1].status, TransferStatus::Created);
    let account = state.account(AccountId::new(2)).expect("it was created");
    assert_eq!(account.totals.debits_posted, account.totals.credits_posted);
}
