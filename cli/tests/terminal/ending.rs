//! How a server begins and ends: refusals, signals, exit codes.

use std::time::Duration;

use ledger_client::{Client, ClientOptions};
use ledger_core::{LedgerId, TransferStatus};

use crate::kill_rounds::{accounts, move_value};
use crate::process::{Server, complained, run};

#[test]
fn a_server_does_not_listen_for_others_unless_told_to() {
    let dir = tempfile::tempdir().expect("a directory");
    let data_dir = dir.path().join("data");
    let data_dir = data_dir.to_str().expect("text");
    let said = complained(
        run(&["serve", "--data-dir", data_dir, "--listen", "0.0.0.0:0"]),
        2,
    );
    assert!(said.contains("--insecure"), "{said}");
    assert!(!dir.path().join("data").exists(), "nothing was begun");
}

#[test]
fn a_data_directory_has_one_server_and_strange_files_none() {
    let dir = tempfile::tempdir().expect("a directory");
    let data_dir = dir.path().join("data");
    let server = Server::start(&data_dir);
    // It has the directory once it answers.
    crate::process::printed(server.run(&["status"]));
    let data_dir = data_dir.to_str().expect("text");
    let said = complained(
        run(&["serve", "--data-dir", data_dir, "--listen", "127.0.0.1:0"]),
        1,
    );
    assert!(said.contains("in use by another process"), "{said}");

    let strange = dir.path().join("strange");
    std::fs::create_dir(&strange).expect("a directory");
    std::fs::write(strange.join("letter.txt"), "hello").expect("a file");
    let strange = strange.to_str().expect("text");
    let said = complained(
        run(&["serve", "--data-dir", strange, "--listen", "127.0.0.1:0"]),
        1,
    );
    assert!(said.contains("letter.txt"), "{said}");
}

#[test]
fn a_damaged_journal_is_refused_with_a_code_of_its_own() {
    let dir = tempfile::tempdir().expect("a directory");
    let data_dir = dir.path().join("data");
    let server = Server::start(&data_dir);
    crate::process::printed(server.run(&["ledger", "register", "EUR", "--scale", "2"]));
    server.ask_to_end();
    assert!(server.wait().success());
    let meta = data_dir.join("pacioli.meta");
    let mut bytes = std::fs::read(&meta).expect("it is there");
    bytes[20] ^= 1;
    std::fs::write(&meta, bytes).expect("it can be written");
    let data_dir = data_dir.to_str().expect("text");
    let said = complained(
        run(&["serve", "--data-dir", data_dir, "--listen", "127.0.0.1:0"]),
        8,
    );
    assert!(
        said.contains("pacioli.meta") && said.contains("pacioli verify"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn being_asked_to_end_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let options = ClientOptions::new(server.address()).deadline(Duration::from_secs(2));
    let client = Client::connect(options).await.expect("a server");
    let accounts = accounts(&client, LedgerId::new(1), 4).await;
    let callers: Vec<_> = (0..8u128)
        .map(|caller| {
            let client = client.clone();
            let accounts = accounts.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for at in 1.. {
                    let id = (caller << 64) | at;
                    let transfer = move_value(id, &accounts, LedgerId::new(1));
                    match client.create_transfer(transfer).await {
                        Ok(answer) => {
                            assert_eq!(answer.value.status, TransferStatus::Created);
                            acknowledged.push(ledger_core::TransferId::new(id));
                        }
                        Err(_) => break,
                    }
                }
                acknowledged
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(400)).await;
    server.ask_to_end();
    let ended = tokio::task::spawn_blocking(move || server.wait());
    let mut acknowledged = Vec::new();
    for caller in callers {
        acknowledged.extend(caller.await.expect("no caller panics"));
    }
    assert_eq!(ended.await.expect("it ends").code(), Some(0));
    assert!(
        acknowledged.len() > 8,
        "hardly anything was sent before the end"
    );

    let server = Server::start(dir.path());
    let client = Client::connect(ClientOptions::new(server.address()))
        .await
        .expect("a server");
    for ids in acknowledged.chunks(4096) {
        let found = client.lookup_transfers(ids).await.expect("an answer").value;
        assert_eq!(
            found.found.len(),
            ids.len(),
            "an acknowledged transfer is lost"
        );
    }
}

#[test]
fn a_database_verifies_until_a_byte_of_it_is_changed() {
    let dir = tempfile::tempdir().expect("a directory");
    let data_dir = dir.path().join("demo");
    let path = data_dir.to_str().expect("text");
    crate::process::printed(run(&["demo", "--exit", "--data-dir", path]));
    let told = crate::process::printed(run(&["verify", "--data-dir", path]));
    assert!(
        told.contains("everything that can be checked holds"),
        "{told}"
    );
    assert!(!told.contains("DIFFER"), "{told}");
    let euros = told.lines().find(|line| line.starts_with("EUR "));
    let euros = euros.expect("ledgers have their codes");
    assert!(euros.contains("17366.97"), "amounts have decimals: {euros}");

    let segment = data_dir.join("segment-0000000001.active");
    let mut bytes = std::fs::read(&segment).expect("the first segment");
    let name = b"Liabilities:Wallets:Ada";
    let at = bytes.windows(name.len()).position(|window| window == name);
    bytes[at.expect("the account's name is in the journal")] ^= 1;
    std::fs::write(&segment, bytes).expect("it can be written");
    let output = run(&["verify", "--data-dir", path, "--format", "json"]);
    assert_eq!(output.status.code(), Some(8));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["findings"][0]["severity"], "error");

    let nothing = dir.path().join("nothing");
    let nothing = nothing.to_str().expect("text");
    complained(run(&["verify", "--data-dir", nothing]), 4);
}
