//! `account list`.

use std::io::Write;

use ledger_client::{AccountEntry, AccountFilter, Range};
use ledger_core::{AccountFlags, Amount};

use crate::account_fields::{ACCOUNT_COLUMNS, ACCOUNT_FLAGS, account_fields, shown_name};
use crate::amount_text::{amount_text, balance_text};
use crate::books::identity::ACCOUNT_NAMESPACE;
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::{IdText, ShownId};
use crate::ledgers::{LedgerText, Ledgers};
use crate::list_length::LengthArguments;
use crate::listing::{Field, Format, Rows, Spare};
use crate::when::When;

/// A flag of accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Flag(AccountFlags);

/// Reads a flag by its name.
fn flag(text: &str) -> Result<Flag, String> {
    let found = ACCOUNT_FLAGS.into_iter().find(|(_, name)| *name == text);
    found.map(|(flag, _)| Flag(flag)).ok_or_else(|| {
        let names = ACCOUNT_FLAGS.map(|(_, name)| name);
        format!("the flags are {}", names.join(", "))
    })
}

/// What `account list` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
What is asked for must all hold; an option that is given several times holds if one of its values \
does, but for flags, which must all be set. A table shows what people look for; csv and json have \
all fields.

Examples:
  pacioli account list --name-prefix Wallets: --ledger EUR
  pacioli account list --flag closed --since 2026-11
  pacioli account list --all --format csv")]
pub(crate) struct ListArguments {
    /// Ledgers, by code or number
    #[arg(long, value_name = "LEDGER")]
    ledger: Vec<LedgerText>,
    /// What kinds of accounts, in your own terms
    #[arg(long, value_name = "NUMBER")]
    code: Vec<u16>,
    /// What the name begins with
    #[arg(
        long,
        default_value = "",
        value_name = "TEXT",
        hide_default_value = true
    )]
    name_prefix: String,
    /// Flags that are set, such as closed
    #[arg(long, value_name = "FLAG", value_parser = flag)]
    flag: Vec<Flag>,
    /// Flags that are not set
    #[arg(long, value_name = "FLAG", value_parser = flag)]
    without_flag: Vec<Flag>,
    /// Your own 128 bits
    #[arg(long, value_name = "ID")]
    user_data_128: Vec<IdText>,
    /// Your own 64 bits
    #[arg(long, value_name = "NUMBER")]
    user_data_64: Vec<u64>,
    /// Your own 32 bits
    #[arg(long, value_name = "NUMBER")]
    user_data_32: Vec<u32>,
    /// Created from this moment on, or from the beginning of this day
    #[arg(long, value_name = "TIME")]
    since: Option<When>,
    /// Created up to this moment, or to the end of this day
    #[arg(long, value_name = "TIME")]
    until: Option<When>,
    #[command(flatten)]
    length: LengthArguments,
    /// How the list is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

impl ListArguments {
    fn filter(&self, ledgers: &Ledgers) -> Result<AccountFilter, CommandError> {
        let all = |flags: &[Flag]| {
            let flags = flags.iter();
            flags.fold(AccountFlags::NONE, |all, flag| all.with(flag.0))
        };
        let data = |text: &IdText| text.resolve(ACCOUNT_NAMESPACE);
        Ok(AccountFilter {
            ledgers: ledgers.find_all(&self.ledger)?,
            codes: self.code.clone(),
            user_data_128: self.user_data_128.iter().map(data).collect(),
            user_data_64: self.user_data_64.clone(),
            user_data_32: self.user_data_32.clone(),
            name_prefix: self.name_prefix.as_str().into(),
            flags_set: all(&self.flag),
            flags_clear: all(&self.without_flag),
            created: Range {
                min: self.since.map(When::start),
                max: self.until.map(When::end),
            },
        })
    }
}

/// Runs `account list`.
pub(super) async fn list(
    arguments: ListArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let filter = arguments.filter(&ledgers)?;
    let mut list = client.list_accounts(filter, arguments.length.options());
    let mut rows = match arguments.format {
        Format::Table => Rows::new(&SHORT_COLUMNS, Format::Table).with_spare(SPARE_COLUMNS),
        format => Rows::new(&ACCOUNT_COLUMNS, format),
    };
    let mut left = arguments.length.most();
    while let Some(page) = list.next_page().await? {
        for account in &page {
            if left == 0 {
                rows.finish(out)?;
                arguments.length.tell_of_more();
                return Ok(());
            }
            left -= 1;
            let row = match arguments.format {
                Format::Table => short_fields(account, &ledgers),
                _ => account_fields(account, &ledgers),
            };
            rows.push(row, out)?;
        }
    }
    Ok(rows.finish(out)?)
}

/// What a table shows.
const SHORT_COLUMNS: [&str; 8] = [
    "name",
    "id",
    "ledger",
    "code",
    "balance",
    "debits_pending",
    "credits_pending",
    "flags",
];

/// What a narrow terminal can do without; who has no name is called by the id.
const SPARE_COLUMNS: Spare = &[&["code"], &["flags"], &["id"]];

fn short_fields(account: &AccountEntry, ledgers: &Ledgers) -> Vec<Field> {
    let scale = ledgers.scale(account.ledger);
    let totals = account.totals;
    let some = |amount: Amount| match amount.is_zero() {
        true => Field::Absent,
        false => Field::Amount(amount_text(amount, scale)),
    };
    let flags = ACCOUNT_FLAGS
        .into_iter()
        .filter(|(flag, _)| account.flags.contains(*flag));
    let flags: Vec<&str> = flags.map(|(_, name)| name).collect();
    vec![
        Field::Text(shown_name(account)),
        Field::text(ShownId(account.id.get())),
        Field::text(ledgers.shown(account.ledger)),
        Field::Count(account.code.into()),
        Field::Amount(balance_text(
            totals.debits_posted,
            totals.credits_posted,
            scale,
        )),
        some(totals.debits_pending),
        some(totals.credits_pending),
        match flags.is_empty() {
            true => Field::Absent,
            false => Field::Text(flags.join(" ")),
        },
    ]
}
