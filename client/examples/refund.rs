//! Compensation: a payment is given back in two parts, never more than it was.
//!
//! Start a server with `pacioli serve`, then: `cargo run -p ledger-client --example refund`.

use ledger_client::{Client, ClientOptions, time_ordered_id};
use ledger_core::{AccountId, Amount, LedgerId, NewAccount, Transfer, TransferFlags, TransferId};

const LEDGER: LedgerId = LedgerId::new(1);
const REFUND: u16 = 7;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::connect(ClientOptions::new("http://127.0.0.1:7400")).await?;
    let [buyer, shop] = [(); 2].map(|()| AccountId::new(time_ordered_id()));
    let account = |id| NewAccount {
        id,
        ledger: LEDGER,
        code: 1,
        ..NewAccount::default()
    };
    client
        .create_accounts(&[account(buyer), account(shop)])
        .await?;

    let payment = Transfer {
        id: TransferId::new(time_ordered_id()),
        debit_account_id: buyer,
        credit_account_id: shop,
        amount: Amount::new(50_00),
        ledger: LEDGER,
        code: 1,
        ..Transfer::default()
    };
    println!(
        "payment of 50.00: {}",
        client.create_transfer(payment.clone()).await?.value.status
    );

    // Accounts and ledger are taken from the payment, the other way round.
    let refund = |amount| Transfer {
        id: TransferId::new(time_ordered_id()),
        reverses_id: payment.id,
        amount,
        code: REFUND,
        ..Transfer::default()
    };
    println!(
        "refund of 20.00: {}",
        client
            .create_transfer(refund(Amount::new(20_00)))
            .await?
            .value
            .status
    );
    println!(
        "refund of 40.00: {}",
        client
            .create_transfer(refund(Amount::new(40_00)))
            .await?
            .value
            .status
    );
    let rest = client.create_transfer(refund(Amount::MAX)).await?.value;
    println!("refund of the rest: {}, {} cents", rest.status, rest.amount);

    // A compensation may arrive before what it compensates: with a fence, that never happens.
    let late = TransferId::new(time_ordered_id());
    let fence = Transfer {
        reverses_id: late,
        ledger: LEDGER,
        flags: TransferFlags::FENCE,
        ..refund(Amount::new(10_00))
    };
    println!(
        "refund of what has not come yet: {}",
        client.create_transfer(fence).await?.value.status
    );
    let overtaken = Transfer {
        id: late,
        ..payment
    };
    println!(
        "and when it comes: {}",
        client.create_transfer(overtaken).await?.value.status
    );
    Ok(())
}
