use ledger_core::{
    AccountUpdate, Amount, GroupId, HoldAfter, NewAccount, Timestamp, Totals, TransferExpired,
    TransferId, TransferRejected, TransferStatus, UpdateId,
};

use super::*;

fn of(fact: Fact) -> Vec<(Section, u128, Role)> {
    let event = Event {
        sequence: Sequence::new(9),
        time: Timestamp::new(9),
        chained: false,
        fact,
    };
    let mut found = Vec::new();
    postings(&event, &mut |section, key, role| {
        found.push((section, key, role));
    });
    found.sort_unstable();
    found
}

fn created(transfer: Transfer, rest: u128) -> Fact {
    Fact::TransferCreated(TransferCreated {
        transfer,
        took_all: false,
        hold: HoldAfter {
            rest: Amount::new(rest),
            ..HoldAfter::default()
        },
        reversed: Amount::ZERO,
        debit_after: Totals::ZERO,
        credit_after: Totals::ZERO,
    })
}

fn transfer() -> Transfer {
    Transfer {
        id: TransferId::new(1),
        debit_account_id: AccountId::new(20),
        credit_account_id: AccountId::new(30),
        ..Transfer::default()
    }
}

const MOVED: [(Section, u128, Role); 3] = [
    (Section::Transfer, 1, Role::OWN),
    (Section::Account, 20, Role::DEBIT),
    (Section::Account, 30, Role::CREDIT),
];

fn with_moved(more: &[(Section, u128, Role)]) -> Vec<(Section, u128, Role)> {
    let mut all = [&MOVED[..], more].concat();
    all.sort_unstable();
    all
}

#[test]
fn a_transfer_without_more_has_its_id_and_its_accounts() {
    assert_eq!(of(created(transfer(), 0)), with_moved(&[]));
}

#[test]
fn every_field_that_is_set_is_found() {
    let all = Transfer {
        group_id: GroupId::new(4),
        user_data_128: 5,
        user_data_64: 6,
        user_data_32: 7,
        reference: "order 1".into(),
        ..transfer()
    };
    let key = reference_key("order 1");
    let expected = with_moved(&[
        (Section::Group, 4, Role::LEG),
        (Section::Reference, key, Role::OF_TRANSFER),
        (Section::UserData128, 5, Role::OF_TRANSFER),
        (Section::UserData64, 6, Role::OF_TRANSFER),
    ]);
    assert_eq!(of(created(all, 0)), expected);
    // The first half of `printf 'order 1' | b3sum`, its bytes in opposite order.
    let hash = blake3::hash(b"order 1");
    let hex: String = (0..16)
        .rev()
        .map(|at| format!("{:02x}", hash.as_bytes()[at]))
        .collect();
    assert_eq!(format!("{key:032x}"), hex);
    assert_eq!(reference_key(""), 0);
}

#[test]
fn a_hold_is_found_by_its_group_and_by_the_accounts_it_closes() {
    let flags = TransferFlags::PENDING
        .with(TransferFlags::CLOSING_DEBIT)
        .with(TransferFlags::CLOSING_CREDIT);
    let hold = Transfer {
        group_id: GroupId::new(4),
        flags,
        ..transfer()
    };
    let expected = with_moved(&[
        (Section::Group, 4, Role::HOLD),
        (Section::AccountChange, 20, Role::CLOSED),
        (Section::AccountChange, 30, Role::CLOSED),
    ]);
    assert_eq!(of(created(hold, 0)), expected);
}

#[test]
fn what_ends_a_hold_is_its_act_and_what_leaves_a_rest_is_not() {
    let post = Transfer {
        pending_id: TransferId::new(8),
        flags: TransferFlags::POST_PENDING_TRANSFER,
        ..transfer()
    };
    let posted = (Section::Pending, 8, Role::POST);
    let act = (Section::Transfer, 8, Role::ACT);
    assert_eq!(of(created(post.clone(), 3)), with_moved(&[posted]));
    assert_eq!(of(created(post.clone(), 0)), with_moved(&[posted, act]));
    let void = Transfer {
        flags: TransferFlags::VOID_PENDING_TRANSFER,
        ..post
    };
    let voided = (Section::Pending, 8, Role::VOID);
    assert_eq!(of(created(void, 0)), with_moved(&[voided, act]));
    let expired = of(Fact::TransferExpired(TransferExpired {
        pending_id: TransferId::new(8),
        debit_account_id: AccountId::new(20),
        credit_account_id: AccountId::new(30),
        ledger: ledger_core::LedgerId::new(1),
        posted: Amount::ZERO,
        released: Amount::ZERO,
        debit_after: Totals::ZERO,
        credit_after: Totals::ZERO,
    }));
    let expected = [act, MOVED[1], MOVED[2], (Section::Pending, 8, Role::EXPIRY)];
    assert_eq!(expired, expected);
}

#[test]
fn a_reversal_is_an_act_of_its_target() {
    let reversal = Transfer {
        reverses_id: TransferId::new(8),
        ..transfer()
    };
    let expected = with_moved(&[
        (Section::Transfer, 8, Role::ACT),
        (Section::Reverses, 8, Role::REVERSAL),
    ]);
    assert_eq!(of(created(reversal, 0)), expected);
}

#[test]
fn a_fence_has_its_own_id_and_its_targets() {
    let reversal = Transfer {
        reverses_id: TransferId::new(8),
        flags: TransferFlags::FENCE,
        ..transfer()
    };
    let expected = [
        (Section::Transfer, 1, Role::OWN),
        (Section::Transfer, 8, Role::FENCED),
        (Section::Reverses, 8, Role::FENCE),
    ];
    assert_eq!(of(Fact::TransferFenced(reversal)), expected);
    let void = Transfer {
        pending_id: TransferId::new(8),
        flags: TransferFlags::FENCE.with(TransferFlags::VOID_PENDING_TRANSFER),
        ..transfer()
    };
    let expected = [
        (Section::Transfer, 1, Role::OWN),
        (Section::Transfer, 8, Role::FENCED),
        (Section::Pending, 8, Role::FENCE),
    ];
    assert_eq!(of(Fact::TransferFenced(void)), expected);
}

#[test]
fn an_id_that_is_used_up_is_found() {
    let rejected = Fact::TransferRejected(TransferRejected {
        id: TransferId::new(1),
        status: TransferStatus::ExceedsCredits,
        control_id: 77,
    });
    assert_eq!(of(rejected), [(Section::Transfer, 1, Role::OWN)]);
}

#[test]
fn accounts_are_found_by_their_changes() {
    let account = Fact::AccountCreated(NewAccount {
        id: AccountId::new(20),
        user_data_128: 5,
        user_data_64: 6,
        ..NewAccount::default()
    });
    let expected = [
        (Section::AccountChange, 20, Role::CREATED),
        (Section::UserData128, 5, Role::OF_ACCOUNT),
        (Section::UserData64, 6, Role::OF_ACCOUNT),
    ];
    assert_eq!(of(account), expected);
    let update = Fact::AccountUpdated(AccountUpdate {
        update_id: UpdateId::new(3),
        id: AccountId::new(20),
        ..AccountUpdate::default()
    });
    let expected = [
        (Section::Update, 3, Role::UPDATE),
        (Section::AccountChange, 20, Role::UPDATED),
    ];
    assert_eq!(of(update), expected);
}
