//! `transfer list`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Duration;

use ledger_client::{Client, Range, TransferFilter, TransferRecord, TransferState};
use ledger_core::{AccountId, Amount, GroupId, LedgerId, TransferId};

use crate::accounts::{account_ids, find_accounts};
use crate::amount_text::amount_text;
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::{IdText, ShownId};
use crate::ledgers::{LedgerText, Ledgers};
use crate::list_length::LengthArguments;
use crate::listing::{Field, Format, Rows, Spare};
use crate::moment_text::second_text;
use crate::transfer_fields::{TRANSFER_COLUMNS, transfer_fields};
use crate::when::When;

use super::{GROUP_NAMESPACE, TRANSFER_NAMESPACE};

/// What became of a transfer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum State {
    /// Reserved, and neither posted nor released
    Pending,
    /// Its value has moved
    Posted,
    /// Released, or the void that released
    Voided,
    /// Released because its time had come
    Expired,
    /// Given back, wholly or in part
    Reversed,
    /// A fence
    Fenced,
}

impl From<State> for TransferState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Posted => Self::Posted,
            State::Voided => Self::Voided,
            State::Expired => Self::Expired,
            State::Reversed => Self::Reversed,
            State::Fenced => Self::Fenced,
        }
    }
}

/// What `transfer list` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
What is asked for must all hold; an option that is given several times holds if one of its values \
does. A table shows what people look for, with the names of accounts; csv and json have all fields. \
The list is that of one moment, however much is posted meanwhile.

Examples:
  pacioli transfer list --account ref:ada --since yesterday
  pacioli transfer list --state pending --older-than 7days
  pacioli transfer list --ledger EUR --amount-min 1000.00 --newest-first --limit 10
  pacioli transfer list --reference ch_1001 --format json")]
pub(crate) struct ListArguments {
    /// Accounts on either side: numbers, UUIDs or ref:TEXT
    #[arg(long, value_name = "ID")]
    account: Vec<IdText>,
    /// Accounts that are debited
    #[arg(long, value_name = "ID")]
    debit: Vec<IdText>,
    /// Accounts that are credited
    #[arg(long, value_name = "ID")]
    credit: Vec<IdText>,
    /// Ledgers, by code or number
    #[arg(long, value_name = "LEDGER")]
    ledger: Vec<LedgerText>,
    /// What kinds of transfers, in your own terms
    #[arg(long, value_name = "NUMBER")]
    code: Vec<u16>,
    /// What became of them
    #[arg(long, value_enum)]
    state: Vec<State>,
    /// Other systems' own ids, whole
    #[arg(long, value_name = "TEXT")]
    reference: Vec<String>,
    /// Groups
    #[arg(long, value_name = "ID")]
    group: Vec<IdText>,
    /// What posted, voided or fenced these reservations
    #[arg(long, value_name = "ID")]
    pending: Vec<IdText>,
    /// What reversed or fenced these transfers
    #[arg(long, value_name = "ID")]
    reverses: Vec<IdText>,
    /// Your own 128 bits
    #[arg(long, value_name = "ID")]
    user_data_128: Vec<IdText>,
    /// Your own 64 bits
    #[arg(long, value_name = "NUMBER")]
    user_data_64: Vec<u64>,
    /// Your own 32 bits
    #[arg(long, value_name = "NUMBER")]
    user_data_32: Vec<u32>,
    /// From this moment on, or from the beginning of this day
    #[arg(long, value_name = "TIME")]
    since: Option<When>,
    /// Up to this moment, or to the end of this day
    #[arg(long, value_name = "TIME")]
    until: Option<When>,
    /// Of at least this age, such as 3days
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    older_than: Option<Duration>,
    /// Of at most this age
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    younger_than: Option<Duration>,
    /// Of at least this amount of the --ledger
    #[arg(long, value_name = "AMOUNT")]
    amount_min: Option<String>,
    /// Of at most this amount of the --ledger
    #[arg(long, value_name = "AMOUNT")]
    amount_max: Option<String>,
    #[command(flatten)]
    length: LengthArguments,
    /// How the list is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

impl ListArguments {
    fn filter(&self, ledgers: &Ledgers) -> Result<TransferFilter, CommandError> {
        let transfers = |texts: &[IdText]| -> Vec<TransferId> {
            let ids = texts.iter().map(|text| text.resolve(TRANSFER_NAMESPACE));
            ids.map(TransferId::new).collect()
        };
        let group = |text: &IdText| GroupId::new(text.resolve(GROUP_NAMESPACE));
        let data = |text: &IdText| text.resolve(TRANSFER_NAMESPACE);
        let only = ledgers.find_all(&self.ledger)?;
        let amount = |text: &Option<String>, option| match text {
            Some(text) => amount_of(text, ledgers, &only, option).map(Some),
            None => Ok(None),
        };
        Ok(TransferFilter {
            accounts: account_ids(&self.account),
            debit_accounts: account_ids(&self.debit),
            credit_accounts: account_ids(&self.credit),
            codes: self.code.clone(),
            user_data_128: self.user_data_128.iter().map(data).collect(),
            user_data_64: self.user_data_64.clone(),
            user_data_32: self.user_data_32.clone(),
            references: self
                .reference
                .iter()
                .map(|text| text.as_str().into())
                .collect(),
            groups: self.group.iter().map(group).collect(),
            pending_ids: transfers(&self.pending),
            reverses_ids: transfers(&self.reverses),
            states: self.state.iter().map(|&state| state.into()).collect(),
            age_s: Range {
                min: self.older_than.map(|age| age.as_secs()),
                max: self.younger_than.map(|age| age.as_secs()),
            },
            time: Range {
                min: self.since.map(When::start),
                max: self.until.map(When::end),
            },
            amount: Range {
                min: amount(&self.amount_min, "--amount-min")?,
                max: amount(&self.amount_max, "--amount-max")?,
            },
            ledgers: only,
        })
    }
}

/// An amount with the decimals that all of the ledgers have.
fn amount_of(
    text: &str,
    ledgers: &Ledgers,
    only: &[LedgerId],
    option: &'static str,
) -> Result<Amount, CommandError> {
    let scales: BTreeSet<u32> = only.iter().map(|&ledger| ledgers.scale(ledger)).collect();
    match (only.first(), scales.len()) {
        (Some(&ledger), 1) => ledgers.amount(text, ledger, option),
        _ => Err(CommandError::AmountWithoutLedger { option }),
    }
}

/// Runs `transfer list`.
pub(super) async fn list(
    arguments: ListArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let filter = arguments.filter(&ledgers)?;
    for texts in [&arguments.account, &arguments.debit, &arguments.credit] {
        // Of an account that does not exist there are no transfers: its name was mistyped.
        find_accounts(&client, texts).await?;
    }
    let mut list = client.list_transfers(filter, arguments.length.options());
    let mut rows = match arguments.format {
        Format::Table => Rows::new(&SHORT_COLUMNS, Format::Table).with_spare(SPARE_COLUMNS),
        format => Rows::new(&TRANSFER_COLUMNS, format),
    };
    let mut left = arguments.length.most();
    let mut names = BTreeMap::new();
    while let Some(page) = list.next_page().await? {
        if arguments.format == Format::Table {
            look_up(&client, &page, &mut names).await?;
        }
        for record in &page {
            if left == 0 {
                rows.finish(out)?;
                arguments.length.tell_of_more();
                return Ok(());
            }
            left -= 1;
            let row = match arguments.format {
                Format::Table => short_fields(record, &ledgers, &names),
                _ => transfer_fields(record, &ledgers),
            };
            rows.push(row, out)?;
        }
    }
    Ok(rows.finish(out)?)
}

/// What a table shows.
const SHORT_COLUMNS: [&str; 10] = [
    "time",
    "id",
    "debit",
    "credit",
    "amount",
    "ledger",
    "code",
    "state",
    "reference",
    "pending_or_reversed",
];

/// What a narrow terminal can do without.
const SPARE_COLUMNS: Spare = &[&["pending_or_reversed"], &["id"], &["code"], &["reference"]];

fn short_fields(
    record: &TransferRecord,
    ledgers: &Ledgers,
    names: &BTreeMap<AccountId, Box<str>>,
) -> Vec<Field> {
    let transfer = &record.transfer;
    let account = |id: AccountId| match names.get(&id) {
        Some(name) if !name.is_empty() => Field::text(name),
        _ if id.is_zero() => Field::Absent,
        _ => Field::text(ShownId(id.get())),
    };
    let target = match transfer.pending_id.get() {
        0 => transfer.reverses_id.get(),
        pending => pending,
    };
    vec![
        // To the second: what tells events of one second apart is their order.
        Field::Text(second_text(record.time)),
        Field::text(ShownId(transfer.id.get())),
        account(transfer.debit_account_id),
        account(transfer.credit_account_id),
        Field::Amount(amount_text(transfer.amount, ledgers.scale(transfer.ledger))),
        Field::text(ledgers.shown(transfer.ledger)),
        Field::Count(transfer.code.into()),
        Field::text(record.state.name()),
        match &*transfer.reference {
            "" => Field::Absent,
            text => Field::text(text),
        },
        match target {
            0 => Field::Absent,
            id => Field::text(ShownId(id)),
        },
    ]
}

/// The most names that are kept while a list is printed.
const NAMES_MAX: usize = 100_000;

/// Finds the names of the accounts of a page.
async fn look_up(
    client: &Client,
    page: &[TransferRecord],
    names: &mut BTreeMap<AccountId, Box<str>>,
) -> Result<(), CommandError> {
    if names.len() > NAMES_MAX {
        names.clear();
    }
    let accounts = page.iter().flat_map(|record| {
        [
            record.transfer.debit_account_id,
            record.transfer.credit_account_id,
        ]
    });
    let unknown: BTreeSet<AccountId> = accounts
        .filter(|id| !id.is_zero() && !names.contains_key(id))
        .collect();
    let unknown: Vec<AccountId> = unknown.into_iter().collect();
    for ids in unknown.chunks(4096) {
        for entry in client.lookup_accounts(ids).await?.value.found {
            names.insert(entry.id, entry.name);
        }
    }
    Ok(())
}
