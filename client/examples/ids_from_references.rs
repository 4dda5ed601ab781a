//! A provider reports a payment twice; it is posted once, without a table of what was seen.
//!
//! Start a server with `pacioli serve`, then:
//! `cargo run -p ledger-client --example ids_from_references`.

use ledger_client::{Client, ClientOptions, id_from_reference, time_ordered_id};
use ledger_core::{AccountId, Amount, LedgerId, NewAccount, Transfer, TransferId};

/// A message as it comes from the provider.
struct Payment {
    charge: String,
    cents: u128,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::connect(ClientOptions::new("http://127.0.0.1:7400")).await?;
    let ledger = LedgerId::new(1);

    // Accounts may be named by references as well: no directory is needed to find them again.
    let shop = AccountId::new(id_from_reference("accounts", "shop"));
    let provider = AccountId::new(id_from_reference("accounts", "provider"));
    let account = |id| NewAccount {
        id,
        ledger,
        code: 1,
        ..NewAccount::default()
    };
    for answer in client
        .create_accounts(&[account(shop), account(provider)])
        .await?
        .value
    {
        println!("account: {}", answer.status);
    }

    // New in each run, so that the example can be run again.
    let charge = format!("ch_{:x}", time_ordered_id());
    let messages = [
        Payment {
            charge: charge.clone(),
            cents: 12_50,
        },
        Payment {
            charge: charge.clone(),
            cents: 12_50,
        },
        // The same charge with another amount: somebody made a mistake, and it is told.
        Payment {
            charge,
            cents: 99_99,
        },
    ];
    for payment in messages {
        let transfer = Transfer {
            id: TransferId::new(id_from_reference("provider/charge", &payment.charge)),
            debit_account_id: provider,
            credit_account_id: shop,
            amount: Amount::new(payment.cents),
            reference: payment.charge.as_str().into(),
            ledger,
            code: 1,
            ..Transfer::default()
        };
        let answer = client.create_transfer(transfer).await?.value;
        println!(
            "{} cents, {}: {}",
            payment.cents, payment.charge, answer.status
        );
    }
    Ok(())
}
