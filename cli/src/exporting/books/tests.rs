use ledger_client::{TransferRecord, TransferState};
use ledger_core::{Amount, GroupId, Transfer, TransferFlags, TransferId};

use super::{BookTransaction, Side};
use crate::books::identity::imported_leg;
use crate::exporting::example::{gathered, moved, recorded};

/// Accounts and signed amounts.
fn postings(transaction: &BookTransaction) -> Vec<(u128, i128)> {
    let signed = |side, amount: Amount| match side {
        Side::Debit => amount.get() as i128,
        Side::Credit => -(amount.get() as i128),
    };
    let postings = transaction.postings.iter();
    postings
        .map(|posting| (posting.account.get(), signed(posting.side, posting.amount)))
        .collect()
}

fn with(record: TransferRecord, change: impl FnOnce(&mut Transfer)) -> TransferRecord {
    let mut record = record;
    change(&mut record.transfer);
    record
}

fn in_group(record: TransferRecord, group: u128) -> TransferRecord {
    with(record, |transfer| transfer.group_id = GroupId::new(group))
}

#[test]
fn only_what_moved_value_is_told() {
    let flagged = |id, flags| with(moved(id, 1, 2, 100, ""), |transfer| transfer.flags = flags);
    let mut fence = moved(5, 1, 2, 0, "");
    fence.state = TransferState::Fenced;
    let records = [
        flagged(1, TransferFlags::PENDING),
        flagged(2, TransferFlags::POST_PENDING_TRANSFER),
        flagged(3, TransferFlags::VOID_PENDING_TRANSFER),
        flagged(4, TransferFlags::BALANCING_DEBIT),
        fence,
        with(moved(6, 2, 1, 30, "back"), |transfer| {
            transfer.reverses_id = TransferId::new(4);
        }),
    ];
    let transactions = gathered(&records);
    let ids: Vec<u64> = transactions.iter().map(|one| one.sequence.get()).collect();
    assert_eq!(ids, [2, 4, 6]);
    assert_eq!(postings(&transactions[2]), [(2, 30), (1, -30)]);
    assert_eq!(transactions[0].date.to_string(), "2026-11-22");
}

#[test]
fn neighbours_of_one_group_are_one_transaction() {
    let records = [
        in_group(moved(1, 10, 1, 250, "shop"), 9),
        in_group(moved(2, 11, 1, 50, "shop"), 9),
        // Another group, no group, a gap, another description.
        in_group(moved(3, 11, 1, 1, "shop"), 8),
        moved(4, 11, 1, 2, "shop"),
        moved(5, 11, 1, 3, "shop"),
        in_group(moved(6, 11, 1, 4, "shop"), 8),
        in_group(moved(8, 11, 1, 5, "shop"), 8),
        in_group(moved(9, 11, 1, 6, "other"), 8),
    ];
    let transactions = gathered(&records);
    let sums: Vec<usize> = transactions.iter().map(|one| one.postings.len()).collect();
    assert_eq!(sums, [3, 2, 2, 2, 2, 2, 2]);
    assert_eq!(postings(&transactions[0]), [(10, 250), (1, -300), (11, 50)]);
    assert_eq!(transactions[0].only_transfer(), None);
    assert_eq!(transactions[1].only_transfer(), Some(TransferId::new(3)));
    let ids: Vec<u128> = transactions[0].postings[1]
        .transfers
        .iter()
        .map(|id| id.get())
        .collect();
    assert_eq!(ids, [1, 2]);
}

#[test]
fn a_debit_never_meets_a_credit_of_the_same_account() {
    let records = [
        in_group(moved(1, 10, 1, 250, ""), 9),
        in_group(moved(2, 1, 10, 50, ""), 9),
    ];
    let transactions = gathered(&records);
    assert_eq!(transactions.len(), 2);
    assert_eq!(postings(&transactions[1]), [(1, 50), (10, -50)]);
}

#[test]
fn a_sum_beyond_128_bits_is_two_postings() {
    let records = [
        in_group(moved(1, 10, 1, u128::MAX, ""), 9),
        in_group(moved(2, 11, 1, 1, ""), 9),
    ];
    let transactions = gathered(&records);
    let amounts: Vec<Amount> = transactions[0]
        .postings
        .iter()
        .map(|one| one.amount)
        .collect();
    assert_eq!(amounts, [u128::MAX, u128::MAX, 1, 1].map(Amount::new));
}

#[test]
fn an_imported_transaction_keeps_its_day() {
    let imported = |sequence, group, leg, day| {
        let transfer = Transfer {
            id: imported_leg(GroupId::new(group), leg),
            user_data_64: day,
            group_id: GroupId::new(group),
            ..moved(sequence, 10 + u128::from(sequence), 1, 5, "rent").transfer
        };
        recorded(transfer, sequence)
    };
    let records = [
        imported(1, 7, 0, 20130228),
        imported(2, 7, 1, 20130228),
        imported(3, 8, 0, 20130230),
        // The same fields, but no import made this.
        with(moved(4, 10, 1, 5, "rent"), |transfer| {
            transfer.user_data_64 = 20130228
        }),
    ];
    let transactions = gathered(&records);
    let dates: Vec<String> = transactions
        .iter()
        .map(|one| one.date.to_string())
        .collect();
    assert_eq!(dates, ["2013-02-28", "2026-11-22", "2026-11-22"]);
}
