//! A thousand callers that share requests: each makes one transfer after the other, as the
//! handlers of a web server would.
//!
//! Start a server with `pacioli serve`, then:
//! `cargo run --release -p ledger-client --example coalescing`.

use std::time::Instant;

use ledger_client::{Client, ClientOptions, Coalesce, time_ordered_id};
use ledger_core::{AccountId, Amount, LedgerId, NewAccount, Transfer, TransferId, TransferStatus};

const CALLERS: usize = 1000;
const CALLS_EACH: usize = 100;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // There is no timer: while two requests are under way, the calls that come gather.
    let options = ClientOptions::new("http://127.0.0.1:7400").coalesce(Coalesce::default());
    let client = Client::connect(options).await?;

    let ledger = LedgerId::new(1);
    let [left, right] = [(); 2].map(|()| AccountId::new(time_ordered_id()));
    let account = |id| NewAccount {
        id,
        ledger,
        code: 1,
        ..NewAccount::default()
    };
    client
        .create_accounts(&[account(left), account(right)])
        .await?;

    let begun = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut created = 0;
                for _ in 0..CALLS_EACH {
                    let transfer = Transfer {
                        id: TransferId::new(time_ordered_id()),
                        debit_account_id: left,
                        credit_account_id: right,
                        amount: Amount::new(1),
                        ledger,
                        code: 1,
                        ..Transfer::default()
                    };
                    let answer = client.create_transfer(transfer).await?;
                    created += u64::from(answer.value.status == TransferStatus::Created);
                }
                Ok::<_, ledger_client::ClientError>(created)
            })
        })
        .collect();
    let mut created = 0;
    for caller in callers {
        created += caller.await??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{created} transfers in {seconds:.2} s: {:.0}/s",
        created as f64 / seconds
    );

    let totals = client.get_balances(&[left]).await?.value.found[0].1;
    println!("{} debited", totals.debits_posted);
    Ok(())
}
