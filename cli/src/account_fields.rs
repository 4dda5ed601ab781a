//! What is told of an account that is shown or listed.

use ledger_client::AccountEntry;
use ledger_core::{AccountFlags, Amount};

use crate::amount_text::{amount_text, balance_text};
use crate::id_text::ShownId;
use crate::ledgers::Ledgers;
use crate::listing::Field;
use crate::moment_text::moment_text;

/// The names of the fields.
pub(crate) const ACCOUNT_COLUMNS: [&str; 16] = [
    "id",
    "name",
    "ledger",
    "code",
    "flags",
    "balance",
    "debits_posted",
    "credits_posted",
    "debits_pending",
    "credits_pending",
    "overdraft_limit",
    "balance_max",
    "user_data_128",
    "user_data_64",
    "user_data_32",
    "created",
];

/// The fields of an account.
pub(crate) fn account_fields(account: &AccountEntry, ledgers: &Ledgers) -> Vec<Field> {
    let scale = ledgers.scale(account.ledger);
    let amount = |amount| Field::Amount(amount_text(amount, scale));
    let totals = account.totals;
    let some = |amount: Amount| match amount.is_zero() {
        true => Field::Absent,
        false => Field::Amount(amount_text(amount, scale)),
    };
    let told = |number: u128| match number {
        0 => Field::Absent,
        _ => Field::text(ShownId(number)),
    };
    let balance = balance_text(totals.debits_posted, totals.credits_posted, scale);
    vec![
        Field::text(ShownId(account.id.get())),
        Field::text(&account.name),
        Field::text(ledgers.shown(account.ledger)),
        Field::Count(account.code.into()),
        Field::text(account_flag_names(account.flags)),
        Field::Amount(balance),
        amount(totals.debits_posted),
        amount(totals.credits_posted),
        amount(totals.debits_pending),
        amount(totals.credits_pending),
        some(account.overdraft_limit),
        some(account.balance_max),
        told(account.user_data_128),
        told(account.user_data_64.into()),
        told(account.user_data_32.into()),
        Field::text(moment_text(account.timestamp)),
    ]
}

/// What people call an account: its name, or its id.
pub(crate) fn shown_name(account: &AccountEntry) -> String {
    match account.name.is_empty() {
        true => ShownId(account.id.get()).to_string(),
        false => account.name.to_string(),
    }
}

/// The flags with their names.
pub(crate) const ACCOUNT_FLAGS: [(AccountFlags, &str); 5] = [
    (
        AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        "debits_must_not_exceed_credits",
    ),
    (
        AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS,
        "credits_must_not_exceed_debits",
    ),
    (AccountFlags::HISTORY, "history"),
    (AccountFlags::IMPORTED, "imported"),
    (AccountFlags::CLOSED, "closed"),
];

fn account_flag_names(flags: AccountFlags) -> String {
    let set = ACCOUNT_FLAGS
        .into_iter()
        .filter(|(flag, _)| flags.contains(*flag));
    set.map(|(_, name)| name).collect::<Vec<_>>().join(" ")
}
