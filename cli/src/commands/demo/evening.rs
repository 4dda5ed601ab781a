//! An evening at the bookshop, through the same client as any other: reservations over several
//! ledgers that hold or fall together, a refund, a refusal, a cancellation that comes too early.
//!
//! All ids follow from the orders' numbers, so the evening may be told again: nothing happens
//! twice.

use ledger_client::{Client, CreateOptions, id_from_reference};
use ledger_core::{
    AccountFlags, Amount, GroupId, LedgerId, NewAccount, NewLedger, Transfer, TransferFlags,
    TransferId, TransferStatus,
};

use crate::books::identity::account_id;
use crate::command_error::CommandError;
use crate::listing::{Field, Listing};

const EUR: LedgerId = LedgerId::new(978);
const BOOK: LedgerId = LedgerId::new(1);
const POINT: LedgerId = LedgerId::new(3);

/// The day of the evening.
const DAY: u64 = 20_261_101;
/// The code of what happens online.
const ORDER: u16 = 7;

/// The shop's ledgers, under numbers of its own.
pub(super) fn ledgers() -> [NewLedger; 5] {
    [
        (EUR, "EUR", 2),
        (LedgerId::new(840), "USD", 2),
        (BOOK, "BOOK", 0),
        (LedgerId::new(2), "BEANS", 3),
        (POINT, "POINT", 0),
    ]
    .map(|(id, code, scale)| NewLedger {
        id,
        code: code.into(),
        scale,
    })
}

/// The accounts that the ledger itself keeps from being overdrawn: wallets, points, and books,
/// of which no more can be sold than there are. The import finds them there.
pub(super) fn limited_accounts() -> Vec<NewAccount> {
    let customers = ["Ada", "Bruno", "Chiara"];
    let owed = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
    let wallets = customers.map(|who| (format!("Liabilities:Wallets:{who}"), "EUR", EUR, 2, owed));
    let points =
        customers.map(|who| (format!("Liabilities:Points:{who}"), "POINT", POINT, 2, owed));
    let owned = AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS;
    let stock = ("Assets:Stock:Books".to_owned(), "BOOK", BOOK, 1, owned);
    wallets
        .into_iter()
        .chain(points)
        .chain([stock])
        .map(|(name, commodity, ledger, code, flags)| NewAccount {
            id: account_id(&name, commodity),
            ledger,
            code,
            flags,
            name: name.into(),
            ..NewAccount::default()
        })
        .collect()
}

/// Something that happens, and how the ledger answers when it happens first.
struct Scene {
    told: &'static str,
    chain: Vec<Transfer>,
    first: TransferStatus,
}

/// Lets the evening happen and tells it.
pub(super) async fn happen(client: &Client) -> Result<Listing, CommandError> {
    let mut listing = Listing::new(&["what_happens", "status"]);
    for scene in scenes() {
        let ids: Vec<TransferId> = scene.chain.iter().map(|transfer| transfer.id).collect();
        let answers = client
            .create_chain(scene.chain, &CreateOptions::default())
            .await?
            .value
            .answers;
        for (id, answer) in ids.iter().zip(&answers) {
            let status = answer.status;
            let again = matches!(
                status,
                TransferStatus::Exists | TransferStatus::IdAlreadyFailed
            );
            if status != scene.first && !again {
                return Err(CommandError::TransferRefused {
                    id: id.get(),
                    status,
                    original: answer.original_status,
                });
            }
        }
        let status = answers.first().map_or(Field::Absent, |answer| {
            let number = answer.status.number();
            Field::text(format!("{} ({number})", answer.status))
        });
        listing.push(vec![Field::text(scene.told), status]);
    }
    Ok(listing)
}

fn scenes() -> Vec<Scene> {
    let created = TransferStatus::Created;
    vec![
        Scene {
            told: "Ada reserves 2 novels: 24.96 EUR, 2 books and 24 points, all or nothing",
            chain: vec![
                hold(1042, "wallet", wallet("Ada"), income(), 2496, EUR),
                hold(1042, "books", sold(), stock(), 2, BOOK),
                hold(1042, "points", issued(), points("Ada"), 24, POINT),
            ],
            first: created,
        },
        Scene {
            told: "They are sent: all three reservations are posted",
            chain: ["wallet", "books", "points"]
                .map(|leg| post(1042, leg, Amount::MAX))
                .into(),
            first: created,
        },
        Scene {
            told: "The message comes twice: nothing is posted twice",
            chain: ["wallet", "books", "points"]
                .map(|leg| post(1042, leg, Amount::MAX))
                .into(),
            first: TransferStatus::Exists,
        },
        Scene {
            told: "One novel comes back: half of the money, 1 book and 12 points are returned",
            chain: vec![
                reversal(1042, "wallet", 1248),
                reversal(1042, "books", 1),
                reversal(1042, "points", 12),
            ],
            first: created,
        },
        Scene {
            told: "Bruno reserves 3 books for 45.00 EUR",
            chain: vec![
                hold(1043, "wallet", wallet("Bruno"), income(), 4500, EUR),
                hold(1043, "books", sold(), stock(), 3, BOOK),
            ],
            first: created,
        },
        Scene {
            told: "Only 2 are found: 30.00 EUR are posted and the rest is released",
            chain: vec![
                post(1043, "wallet", Amount::new(3000)),
                post(1043, "books", Amount::new(2)),
            ],
            first: created,
        },
        Scene {
            told: "Chiara reserves a cookbook for 40.00 EUR",
            chain: vec![
                hold(1044, "wallet", wallet("Chiara"), income(), 4000, EUR),
                hold(1044, "books", sold(), stock(), 1, BOOK),
            ],
            first: created,
        },
        Scene {
            told: "She changes her mind: both reservations are voided",
            chain: ["wallet", "books"]
                .map(|leg| void(1044, leg, TransferFlags::NONE))
                .into(),
            first: created,
        },
        Scene {
            told: "Ada wants an atlas for 90.00 EUR: her wallet does not have that",
            chain: vec![hold(1045, "wallet", wallet("Ada"), income(), 9000, EUR)],
            first: TransferStatus::ExceedsCredits,
        },
        Scene {
            told: "A cancellation overtakes the reservation that it is for",
            chain: vec![Transfer {
                ledger: EUR,
                ..void(1046, "wallet", TransferFlags::FENCE)
            }],
            first: TransferStatus::Fenced,
        },
        Scene {
            told: "The reservation comes late, and is kept from ever taking effect",
            chain: vec![hold(1046, "wallet", wallet("Bruno"), income(), 1500, EUR)],
            first: TransferStatus::PendingTransferAlreadyVoided,
        },
        Scene {
            told: "Chiara reserves a signed copy for 18.00 EUR, to be fetched tomorrow",
            chain: vec![
                hold(1047, "wallet", wallet("Chiara"), income(), 1800, EUR),
                hold(1047, "books", sold(), stock(), 1, BOOK),
            ],
            first: created,
        },
    ]
}

type AccountId = ledger_core::AccountId;

fn wallet(customer: &str) -> AccountId {
    account_id(&format!("Liabilities:Wallets:{customer}"), "EUR")
}

fn points(customer: &str) -> AccountId {
    account_id(&format!("Liabilities:Points:{customer}"), "POINT")
}

fn income() -> AccountId {
    account_id("Income:Books", "EUR")
}

fn sold() -> AccountId {
    account_id("Expenses:Sold:Books", "BOOK")
}

fn stock() -> AccountId {
    account_id("Assets:Stock:Books", "BOOK")
}

fn issued() -> AccountId {
    account_id("Equity:Points:Issued", "POINT")
}

/// The id of one leg of an order; `pacioli transfer show "ref:order 1047 wallet"` finds it.
fn id(order: u32, leg: &str) -> TransferId {
    TransferId::new(id_from_reference(
        "transfer",
        &format!("order {order} {leg}"),
    ))
}

fn leg(order: u32, name: &str) -> Transfer {
    Transfer {
        id: id(order, name),
        reference: format!("order {order}").into(),
        user_data_64: DAY,
        ..Transfer::default()
    }
}

fn hold(
    order: u32,
    name: &str,
    debit: AccountId,
    credit: AccountId,
    units: u128,
    ledger: LedgerId,
) -> Transfer {
    Transfer {
        debit_account_id: debit,
        credit_account_id: credit,
        amount: Amount::new(units),
        group_id: GroupId::new(u128::from(order)),
        ledger,
        code: ORDER,
        flags: TransferFlags::PENDING,
        ..leg(order, name)
    }
}

fn post(order: u32, name: &str, amount: Amount) -> Transfer {
    Transfer {
        pending_id: id(order, name),
        amount,
        flags: TransferFlags::POST_PENDING_TRANSFER,
        ..leg(order, &format!("{name} posted"))
    }
}

fn void(order: u32, name: &str, flags: TransferFlags) -> Transfer {
    Transfer {
        pending_id: id(order, name),
        flags: TransferFlags::VOID_PENDING_TRANSFER.with(flags),
        ..leg(order, &format!("{name} voided"))
    }
}

fn reversal(order: u32, name: &str, units: u128) -> Transfer {
    Transfer {
        reverses_id: id(order, &format!("{name} posted")),
        amount: Amount::new(units),
        code: ORDER,
        ..leg(order, &format!("{name} refunded"))
    }
}
