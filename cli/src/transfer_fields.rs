//! What is told of a transfer that is shown, listed or exported.

use ledger_client::TransferRecord;
use ledger_core::{Amount, TransferFlags};

use crate::amount_text::amount_text;
use crate::id_text::ShownId;
use crate::ledgers::Ledgers;
use crate::listing::Field;
use crate::moment_text::moment_text;

/// The names of the fields.
pub(crate) const TRANSFER_COLUMNS: [&str; 21] = [
    "id",
    "state",
    "amount",
    "ledger",
    "debit_account",
    "credit_account",
    "posted",
    "released",
    "reversed",
    "flags",
    "code",
    "pending",
    "reverses",
    "group",
    "reference",
    "user_data_128",
    "user_data_64",
    "user_data_32",
    "timeout_s",
    "timestamp",
    "sequence",
];

/// The fields of a transfer.
pub(crate) fn transfer_fields(entry: &TransferRecord, ledgers: &Ledgers) -> Vec<Field> {
    let transfer = &entry.transfer;
    let scale = ledgers.scale(transfer.ledger);
    let amount = |amount| Field::Amount(amount_text(amount, scale));
    let some_amount = |some: Amount| match some.is_zero() {
        true => Field::Absent,
        false => amount(some),
    };
    let some_id = |id: u128| match id {
        0 => Field::Absent,
        _ => Field::text(ShownId(id)),
    };
    let some_text = |text: &str| match text {
        "" => Field::Absent,
        _ => Field::text(text),
    };
    vec![
        Field::text(ShownId(transfer.id.get())),
        Field::text(entry.state.name()),
        amount(transfer.amount),
        Field::text(ledgers.shown(transfer.ledger)),
        some_id(transfer.debit_account_id.get()),
        some_id(transfer.credit_account_id.get()),
        some_amount(entry.posted),
        some_amount(entry.released),
        some_amount(entry.reversed),
        some_text(&transfer_flag_names(transfer.flags)),
        Field::Count(transfer.code.into()),
        some_id(transfer.pending_id.get()),
        some_id(transfer.reverses_id.get()),
        some_id(transfer.group_id.get()),
        some_text(&transfer.reference),
        some_id(transfer.user_data_128),
        some_id(transfer.user_data_64.into()),
        some_id(transfer.user_data_32.into()),
        match transfer.timeout {
            0 => Field::Absent,
            seconds => Field::Count(seconds.into()),
        },
        Field::text(moment_text(transfer.timestamp)),
        Field::Count(entry.sequence.get()),
    ]
}

fn transfer_flag_names(flags: TransferFlags) -> String {
    let names = [
        (TransferFlags::LINKED, "linked"),
        (TransferFlags::PENDING, "pending"),
        (
            TransferFlags::POST_PENDING_TRANSFER,
            "post_pending_transfer",
        ),
        (
            TransferFlags::VOID_PENDING_TRANSFER,
            "void_pending_transfer",
        ),
        (TransferFlags::BALANCING_DEBIT, "balancing_debit"),
        (TransferFlags::BALANCING_CREDIT, "balancing_credit"),
        (TransferFlags::CLOSING_DEBIT, "closing_debit"),
        (TransferFlags::CLOSING_CREDIT, "closing_credit"),
        (TransferFlags::IMPORTED, "imported"),
        (TransferFlags::KEEP_OPEN, "keep_open"),
        (TransferFlags::FENCE, "fence"),
    ];
    let set = names.into_iter().filter(|(flag, _)| flags.contains(*flag));
    set.map(|(_, name)| name).collect::<Vec<_>>().join(" ")
}
