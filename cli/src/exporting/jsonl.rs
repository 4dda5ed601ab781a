//! Everything as lines of JSON, one object a line: ledgers, accounts, then transfers in the order
//! of the journal, those included that reserve or release. Fields are those of `pacioli ledger
//! list`, `account show` and `transfer show`; `type` says which. Amounts and ids are strings.

use std::io::{self, Write};

use ledger_client::{AccountEntry, TransferRecord};
use ledger_core::Ledger;
use serde::Serialize;

use crate::account_fields::{ACCOUNT_COLUMNS, account_fields};
use crate::ledgers::Ledgers;
use crate::listing::{Field, Object};
use crate::transfer_fields::{TRANSFER_COLUMNS, transfer_fields};

/// The names of the fields of a ledger.
const LEDGER_COLUMNS: [&str; 3] = ["id", "code", "scale"];

#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    object: Object<'a>,
}

/// Writes a ledger.
pub(crate) fn ledger(ledger: &Ledger, out: &mut impl Write) -> io::Result<()> {
    let row = [
        Field::text(ledger.id),
        Field::text(&ledger.code),
        Field::Count(ledger.scale.into()),
    ];
    line("ledger", &LEDGER_COLUMNS, &row, out)
}

/// Writes an account.
pub(crate) fn account(
    account: &AccountEntry,
    ledgers: &Ledgers,
    out: &mut impl Write,
) -> io::Result<()> {
    let row = account_fields(account, ledgers);
    line("account", &ACCOUNT_COLUMNS, &row, out)
}

/// Writes a transfer.
pub(crate) fn transfer(
    record: &TransferRecord,
    ledgers: &Ledgers,
    out: &mut impl Write,
) -> io::Result<()> {
    let row = transfer_fields(record, ledgers);
    line("transfer", &TRANSFER_COLUMNS, &row, out)
}

fn line(
    r#type: &'static str,
    columns: &[&'static str],
    row: &[Field],
    out: &mut impl Write,
) -> io::Result<()> {
    let object = Object { columns, row };
    serde_json::to_writer(&mut *out, &Line { r#type, object })?;
    writeln!(out)
}
