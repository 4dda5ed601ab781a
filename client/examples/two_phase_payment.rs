//! Try, confirm, cancel: money is reserved, a part of it is taken, the rest is given back.
//!
//! Start a server with `pacioli serve`, then:
//! `cargo run -p ledger-client --example two_phase_payment`.

use ledger_client::{Client, ClientOptions, time_ordered_id};
use ledger_core::{
    AccountFlags, AccountId, Amount, LedgerId, NewAccount, Transfer, TransferFlags, TransferId,
};

const LEDGER: LedgerId = LedgerId::new(1);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::connect(ClientOptions::new("http://127.0.0.1:7400")).await?;
    let [bank, wallet, shop] = [(); 3].map(|()| AccountId::new(time_ordered_id()));
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
            // A wallet holds what it was given, and reservations count at once.
            account(wallet, AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS),
            account(shop, AccountFlags::NONE),
        ])
        .await?;
    let top_up = Transfer {
        id: TransferId::new(time_ordered_id()),
        debit_account_id: bank,
        credit_account_id: wallet,
        amount: Amount::new(10_000),
        ledger: LEDGER,
        code: 1,
        ..Transfer::default()
    };
    println!(
        "top-up: {}",
        client.create_transfer(top_up).await?.value.status
    );

    // Try: 80.00 are reserved for an hour. If nobody comes back they are released by themselves.
    let hold = Transfer {
        id: TransferId::new(time_ordered_id()),
        debit_account_id: wallet,
        credit_account_id: shop,
        amount: Amount::new(80_00),
        ledger: LEDGER,
        code: 2,
        timeout: 3600,
        flags: TransferFlags::PENDING,
        ..Transfer::default()
    };
    println!(
        "reserve 80.00: {}",
        client.create_transfer(hold.clone()).await?.value.status
    );

    // What is reserved cannot be spent twice.
    let second = Transfer {
        id: TransferId::new(time_ordered_id()),
        ..hold.clone()
    };
    println!(
        "reserve 80.00 again: {}",
        client.create_transfer(second).await?.value.status
    );

    // Confirm: only 60.00 were delivered. What is not posted is released.
    let confirm = Transfer {
        id: TransferId::new(time_ordered_id()),
        pending_id: hold.id,
        amount: Amount::new(60_00),
        flags: TransferFlags::POST_PENDING_TRANSFER,
        ..Transfer::default()
    };
    println!(
        "post 60.00: {}",
        client.create_transfer(confirm).await?.value.status
    );

    // Cancel comes too late, and is told so.
    let cancel = Transfer {
        id: TransferId::new(time_ordered_id()),
        pending_id: hold.id,
        flags: TransferFlags::VOID_PENDING_TRANSFER,
        ..Transfer::default()
    };
    println!(
        "void: {}",
        client.create_transfer(cancel).await?.value.status
    );

    let record = client
        .lookup_transfers(&[hold.id])
        .await?
        .value
        .found
        .remove(0);
    println!(
        "the reservation is {}: {} posted, {} released",
        record.state.name(),
        record.posted,
        record.released
    );
    Ok(())
}
