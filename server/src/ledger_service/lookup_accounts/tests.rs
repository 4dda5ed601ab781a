use ledger_core::{
    Event, GroupId, Journal, LedgerId, NewAccount, OldId, State, Timestamp, TransferId, Unreadable,
    UpdateId,
};

use super::*;

/// A journal that keeps nothing: only the core can make an account.
struct Nowhere;

impl Journal for Nowhere {
    fn record(&mut self, _: &Event) {}

    fn mark(&self) -> usize {
        0
    }

    fn rewind(&mut self, _: usize) {}

    fn event(&self, _: Sequence) -> Result<Event, Unreadable> {
        Err(Unreadable)
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

fn account(id: u128) -> Account {
    let mut state = State::new(0);
    let account = NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    let created = state.create_accounts(&mut Nowhere, Timestamp::new(1), &[account]);
    assert!(created.is_ok());
    state.account(AccountId::new(id)).expect("created").clone()
}

fn asked(ids: &[u128]) -> Vec<AccountId> {
    ids.iter().copied().map(AccountId::new).collect()
}

fn ids(wire: &[v1::Uint128]) -> Vec<u128> {
    wire.iter().copied().map(Into::into).collect()
}

#[test]
fn the_answer_is_in_the_order_asked() {
    let found = [account(7), account(3), account(7)];
    let names = ["seven".into(), "".into(), "seven".into()];
    let asked = asked(&[7, 1, 3, 2, 7]);
    let answer = compose(&Receipt::default(), &asked, &found, &names, 1 << 20).expect("fits");
    let found: Vec<u128> = answer
        .accounts
        .iter()
        .map(|account| account.id.expect("an id").into())
        .collect();
    assert_eq!(found, [7, 3, 7]);
    assert_eq!(answer.accounts[0].name, "seven");
    assert_eq!(ids(&answer.missing), [1, 2]);
    assert_eq!(answer.answered, 5);
}

#[test]
fn an_answer_that_would_be_too_large_is_cut_and_says_where() {
    let all: Vec<u128> = (1..=8192).collect();
    let found: Vec<_> = all.iter().map(|&id| account(id << 100)).collect();
    let asked: Vec<_> = found.iter().map(|account| account.id).collect();
    let names: Vec<Box<str>> = vec!["n".repeat(255).into(); 8192];
    let max = 1 << 20;
    let answer = compose(&Receipt::default(), &asked, &found, &names, max).expect("cut");
    assert!(answer.encoded_len() <= max);
    assert!(
        answer.encoded_len() > max - 8192,
        "cut too early: {}",
        answer.encoded_len()
    );
    assert_eq!(answer.answered as usize, answer.accounts.len());
}

#[test]
fn what_was_not_asked_for_is_not_passed_over() {
    let found = [account(3)];
    let names = ["".into()];
    let asked = asked(&[7]);
    assert!(compose(&Receipt::default(), &asked, &found, &names, 1 << 20).is_err());
}
