//! Two accounts, one transfer, one balance.
//!
//! Start a server with `pacioli serve`, then: `cargo run -p ledger-client --example quickstart`.

use ledger_client::{Client, ClientOptions, time_ordered_id};
use ledger_core::{AccountId, Amount, LedgerId, NewAccount, Transfer, TransferId};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::connect(ClientOptions::new("http://127.0.0.1:7400")).await?;

    // A ledger is one asset; its amounts are whole numbers of the smallest unit, here cents.
    let ledger = LedgerId::new(1);
    let [cash, sales] = [time_ordered_id(), time_ordered_id()].map(AccountId::new);
    let account = |id, name: &str| NewAccount {
        id,
        ledger,
        code: 1,
        name: name.into(),
        ..NewAccount::default()
    };
    let created = client
        .create_accounts(&[account(cash, "Assets:Cash"), account(sales, "Income:Sales")])
        .await?;
    for answer in created.value {
        println!("account {}", answer.status);
    }

    // The id is made once and kept: should the answer be lost, the same call is safe to make again.
    let sale = Transfer {
        id: TransferId::new(time_ordered_id()),
        debit_account_id: cash,
        credit_account_id: sales,
        amount: Amount::new(19_99),
        ledger,
        code: 1,
        ..Transfer::default()
    };
    println!(
        "sale {}",
        client.create_transfer(sale.clone()).await?.value.status
    );
    println!(
        "the same again {}",
        client.create_transfer(sale).await?.value.status
    );

    let balances = client.get_balances(&[cash, sales]).await?;
    for (id, totals) in balances.value.found {
        let name = if id == cash { "cash" } else { "sales" };
        println!(
            "{name}: {} debited, {} credited",
            totals.debits_posted, totals.credits_posted
        );
    }
    println!("as of sequence {}", balances.receipt.sequence);
    Ok(())
}
