//! Reading a script.

use std::str::FromStr;

use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, GroupId, LedgerId, NewAccount, NewLedger,
    Timestamp, Transfer, TransferFlags, TransferId, UpdateId,
};

/// A whole script.
pub struct Script {
    pub lines: Vec<String>,
    pub steps: Vec<Step>,
}

/// What a script does next.
pub enum Step {
    At(u64),
    After(u64),
    Ledgers(Vec<Row<NewLedger>>),
    Accounts(Vec<Row<NewAccount>>),
    Updates(Vec<Row<AccountUpdate>>),
    Transfers {
        rows: Vec<Row<Vec<Transfer>>>,
        dry_run: bool,
    },
    Expire(Row<usize>),
    Balance(Row<AccountId>),
    Holds(Row<()>),
    Sequence(Row<()>),
}

/// A row of the table: what is asked, and what the last column expects.
pub struct Row<T> {
    /// Counted from zero.
    pub line: usize,
    pub asked: T,
    pub expected: String,
}

impl Script {
    /// Reads a script.
    ///
    /// # Panics
    /// Where it makes no sense, with the number of the line.
    pub fn parse(text: &str) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        let mut dry_run = false;
        let mut goes_on = false;
        for (line, text) in text.lines().enumerate() {
            let text = text.split('#').next().unwrap_or_default();
            let (asked, expected) = text.split_once("->").unwrap_or((text, ""));
            let words: Vec<&str> = asked.split_whitespace().collect();
            let expected = expected.split_whitespace().collect::<Vec<_>>().join(" ");
            let Some((&first, rest)) = words.split_first() else {
                goes_on = false;
                continue;
            };
            let step = match first {
                "dry" => {
                    assert_eq!(rest, ["run"], "line {}: `dry run`", line + 1);
                    dry_run = true;
                    goes_on = false;
                    continue;
                }
                "at" => Step::At(number(rest[0])),
                "after" => Step::After(duration(rest[0])),
                "ledger" => Step::Ledgers(vec![Row {
                    line,
                    asked: ledger(rest),
                    expected,
                }]),
                "account" => Step::Accounts(vec![Row {
                    line,
                    asked: account(rest),
                    expected,
                }]),
                "update" => Step::Updates(vec![Row {
                    line,
                    asked: update(rest),
                    expected,
                }]),
                "expire" => Step::Expire(Row {
                    line,
                    asked: number(rest[0]),
                    expected,
                }),
                "balance" => {
                    let id = AccountId::new(number(rest[0]));
                    Step::Balance(Row {
                        line,
                        asked: id,
                        expected,
                    })
                }
                "holds" => Step::Holds(Row {
                    line,
                    asked: (),
                    expected,
                }),
                "sequence" => Step::Sequence(Row {
                    line,
                    asked: (),
                    expected,
                }),
                _ => {
                    let rows = vec![Row {
                        line,
                        asked: transfers(first, rest),
                        expected,
                    }];
                    Step::Transfers { rows, dry_run }
                }
            };
            match (steps.last_mut(), step) {
                (Some(Step::Ledgers(rows)), Step::Ledgers(row)) if goes_on => rows.extend(row),
                (Some(Step::Accounts(rows)), Step::Accounts(row)) if goes_on => rows.extend(row),
                (Some(Step::Updates(rows)), Step::Updates(row)) if goes_on => rows.extend(row),
                (Some(Step::Transfers { rows, .. }), Step::Transfers { rows: row, .. })
                    if goes_on =>
                {
                    rows.extend(row);
                }
                (_, step) => {
                    if matches!(step, Step::Transfers { .. }) {
                        dry_run = false;
                    }
                    steps.push(step);
                }
            }
            goes_on = true;
        }
        Self {
            lines: text.lines().map(str::to_owned).collect(),
            steps,
        }
    }
}

fn number<T: FromStr + TryFrom<u128>>(word: &str) -> T {
    let value = match word.strip_prefix("MAX") {
        Some("") => Some(u128::MAX),
        Some(rest) => {
            let less = rest
                .strip_prefix('-')
                .and_then(|less| less.parse::<u128>().ok());
            less.map(|less| u128::MAX - less)
        }
        None => word.parse().ok(),
    };
    let value = value.unwrap_or_else(|| panic!("`{word}` is a number"));
    T::try_from(value).unwrap_or_else(|_| panic!("`{word}` is in range"))
}

fn duration(word: &str) -> u64 {
    if let Some(nanoseconds) = word.strip_suffix("ns") {
        number(nanoseconds)
    } else {
        let seconds = word.strip_suffix('s').expect("a duration ends in s or ns");
        number::<u64>(seconds) * 1_000_000_000
    }
}

fn text(word: &str) -> Box<str> {
    // `xx*70` stands for a long text.
    match word.split_once('*') {
        Some((part, times)) => part.repeat(number(times)).into(),
        None => word.replace('_', " ").into(),
    }
}

fn ledger(words: &[&str]) -> NewLedger {
    let mut ledger = NewLedger {
        id: LedgerId::new(number(words[0])),
        ..NewLedger::default()
    };
    for word in &words[1..] {
        match word.split_once('=') {
            Some(("code", value)) => ledger.code = text(value),
            Some(("scale", value)) => ledger.scale = number(value),
            _ => panic!("`{word}` is a field of a ledger"),
        }
    }
    ledger
}

fn account(words: &[&str]) -> NewAccount {
    let mut account = NewAccount {
        id: AccountId::new(number(words[0])),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    for word in &words[1..] {
        let flag = match *word {
            "linked" => AccountFlags::LINKED,
            "debits<=credits" => AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
            "credits<=debits" => AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS,
            "history" => AccountFlags::HISTORY,
            "imported" => AccountFlags::IMPORTED,
            "closed" => AccountFlags::CLOSED,
            _ => AccountFlags::NONE,
        };
        if flag != AccountFlags::NONE {
            account.flags = account.flags.with(flag);
            continue;
        }
        let (field, value) = word
            .split_once('=')
            .unwrap_or_else(|| panic!("`{word}` is a flag"));
        match field {
            "ledger" => account.ledger = LedgerId::new(number(value)),
            "code" => account.code = number(value),
            "bits" => account.flags = account.flags.with(AccountFlags::from_bits(number(value))),
            "data128" => account.user_data_128 = number(value),
            "data64" => account.user_data_64 = number(value),
            "data32" => account.user_data_32 = number(value),
            "overdraft" => account.overdraft_limit = Amount::new(number(value)),
            "max" => account.balance_max = Amount::new(number(value)),
            "name" => account.name = text(value),
            "stamp" => account.timestamp = Timestamp::new(number(value)),
            "debits_pending" => account.totals.debits_pending = Amount::new(number(value)),
            "debits_posted" => account.totals.debits_posted = Amount::new(number(value)),
            "credits_pending" => account.totals.credits_pending = Amount::new(number(value)),
            "credits_posted" => account.totals.credits_posted = Amount::new(number(value)),
            _ => panic!("`{field}` is a field of an account"),
        }
    }
    account
}

fn update(words: &[&str]) -> AccountUpdate {
    let update_id = UpdateId::new(number(words[0]));
    let mut update = AccountUpdate {
        update_id,
        ..AccountUpdate::default()
    };
    for word in &words[1..] {
        match word.split_once('=') {
            Some(("account", value)) => update.id = AccountId::new(number(value)),
            Some(("overdraft", value)) => {
                update.overdraft_limit = Some(Amount::new(number(value)));
            }
            Some(("max", value)) => update.balance_max = Some(Amount::new(number(value))),
            Some(("name", value)) => update.name = Some(text(value)),
            _ => panic!("`{word}` is a field of an update"),
        }
    }
    update
}

/// The transfers of one row: one, or as many as its range of ids.
fn transfers(kind: &str, words: &[&str]) -> Vec<Transfer> {
    let mut transfer = Transfer::default();
    if kind != "post" && kind != "void" {
        transfer.code = 1;
    }
    if kind == "move" || kind == "hold" {
        transfer.ledger = LedgerId::new(1);
    }
    transfer.flags = match kind {
        "move" | "reverse" => TransferFlags::NONE,
        "hold" => TransferFlags::PENDING,
        "post" => TransferFlags::POST_PENDING_TRANSFER,
        "void" => TransferFlags::VOID_PENDING_TRANSFER,
        _ => panic!("`{kind}` begins a row"),
    };
    let (first, last) = match words[0].split_once("..") {
        Some((first, last)) => (number::<u128>(first), number::<u128>(last)),
        None => (number(words[0]), number(words[0])),
    };
    let mut words = words[1..].iter();
    while let Some(word) = words.next() {
        transfer_word(kind, &mut transfer, word, &mut words);
    }
    (first..=last)
        .map(|id| Transfer {
            id: TransferId::new(id),
            ..transfer.clone()
        })
        .collect()
}

fn transfer_word<'a>(
    kind: &str,
    transfer: &mut Transfer,
    word: &str,
    rest: &mut impl Iterator<Item = &'a &'a str>,
) {
    let flag = match word {
        "linked" => TransferFlags::LINKED,
        "pending" => TransferFlags::PENDING,
        "posting" => TransferFlags::POST_PENDING_TRANSFER,
        "voiding" => TransferFlags::VOID_PENDING_TRANSFER,
        "balancing_debit" => TransferFlags::BALANCING_DEBIT,
        "balancing_credit" => TransferFlags::BALANCING_CREDIT,
        "closing_debit" => TransferFlags::CLOSING_DEBIT,
        "closing_credit" => TransferFlags::CLOSING_CREDIT,
        "imported" => TransferFlags::IMPORTED,
        "keep_open" => TransferFlags::KEEP_OPEN,
        "fence" => TransferFlags::FENCE,
        _ => TransferFlags::NONE,
    };
    if flag != TransferFlags::NONE {
        transfer.flags = transfer.flags.with(flag);
    } else if word == "of" {
        let target = TransferId::new(number(rest.next().expect("an id follows `of`")));
        if kind == "reverse" {
            transfer.reverses_id = target;
        } else {
            transfer.pending_id = target;
        }
    } else if let Some((debit, credit)) = word.split_once('>') {
        transfer.debit_account_id = AccountId::new(number(debit));
        transfer.credit_account_id = AccountId::new(number(credit));
    } else if let Some((field, value)) = word.split_once('=') {
        match field {
            "ledger" => transfer.ledger = LedgerId::new(number(value)),
            "code" => transfer.code = number(value),
            "bits" => transfer.flags = transfer.flags.with(TransferFlags::from_bits(number(value))),
            "pending_id" => transfer.pending_id = TransferId::new(number(value)),
            "reverses_id" => transfer.reverses_id = TransferId::new(number(value)),
            "group" => transfer.group_id = GroupId::new(number(value)),
            "data128" => transfer.user_data_128 = number(value),
            "data64" => transfer.user_data_64 = number(value),
            "data32" => transfer.user_data_32 = number(value),
            "ref" => transfer.reference = text(value),
            "timeout" => transfer.timeout = number(value),
            "stamp" => transfer.timestamp = Timestamp::new(number(value)),
            _ => panic!("`{field}` is a field of a transfer"),
        }
    } else {
        transfer.amount = Amount::new(number(word));
    }
}
