//! All or nothing: a purchase with its fee, tied together.
//!
//! Start a server with `pacioli serve`, then: `cargo run -p ledger-client --example chain`.

use ledger_client::{Client, ClientOptions, CreateOptions, time_ordered_id};
use ledger_core::{
    AccountFlags, AccountId, Amount, LedgerId, NewAccount, Transfer, TransferAnswers, TransferId,
};

const LEDGER: LedgerId = LedgerId::new(1);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::connect(ClientOptions::new("http://127.0.0.1:7400")).await?;
    let [bank, buyer, seller, fees] = [(); 4].map(|()| AccountId::new(time_ordered_id()));
    let account = |id, flags| NewAccount {
        id,
        ledger: LEDGER,
        code: 1,
        flags,
        ..NewAccount::default()
    };
    client
        .create_accounts(&[
            account(bank, AccountFlags::NONE),
            account(buyer, AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS),
            account(seller, AccountFlags::NONE),
            account(fees, AccountFlags::NONE),
        ])
        .await?;
    let moves = |from, to, cents| Transfer {
        id: TransferId::new(time_ordered_id()),
        debit_account_id: from,
        credit_account_id: to,
        amount: Amount::new(cents),
        ledger: LEDGER,
        code: 1,
        ..Transfer::default()
    };
    client.create_transfer(moves(bank, buyer, 10_000)).await?;

    let options = CreateOptions {
        return_balances: true,
        ..CreateOptions::default()
    };
    let purchase = vec![moves(buyer, seller, 98_00), moves(seller, fees, 1_00)];
    print(
        "purchase",
        &client.create_chain(purchase, &options).await?.value,
    );

    // The second does not fit any more, so the first does not happen either.
    let another = vec![moves(buyer, seller, 1_00), moves(buyer, fees, 5_00)];
    print(
        "one too many",
        &client.create_chain(another, &options).await?.value,
    );

    let balances = client.get_balances(&[buyer, seller, fees]).await?.value;
    for (name, (_, totals)) in ["buyer", "seller", "fees"].iter().zip(balances.found) {
        println!(
            "{name}: {} in, {} out",
            totals.credits_posted, totals.debits_posted
        );
    }
    Ok(())
}

fn print(what: &str, answers: &TransferAnswers) {
    for (place, answer) in answers.answers.iter().enumerate() {
        print!("{what}, leg {}: {}", place + 1, answer.status);
        if let Some(Some(after)) = answers.balances.get(place) {
            print!(
                "; {} debited of the payer so far",
                after.debit.debits_posted
            );
        }
        println!();
    }
}
