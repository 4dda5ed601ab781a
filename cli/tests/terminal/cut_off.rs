//! An import whose server is killed in the middle of it.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use ledger_client::{Client, ClientOptions};
use tempfile::TempDir;

use crate::process::Server;

/// How many transfers are posted when the server is killed, at least.
const TRANSFERS: u64 = 100;
/// A machine that is busy with other things may let an import end before it is looked at.
const ATTEMPTS: usize = 5;

/// Imports `file` into a fresh server and kills that in the middle. Gives the data directory that
/// is left, and how the import ended.
pub(crate) fn cut_off_import(file: &str) -> (TempDir, ExitStatus) {
    for _ in 0..ATTEMPTS {
        let dir = tempfile::tempdir().expect("a directory");
        let ended = attempt(dir.path(), file);
        if !ended.success() {
            return (dir, ended);
        }
    }
    panic!("the import of {file} ended before it could be cut off, {ATTEMPTS} times");
}

fn attempt(data_dir: &std::path::Path, file: &str) -> ExitStatus {
    let server = Server::start(data_dir);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    // Reached before the import begins, so that the server is looked at without delay.
    let client = runtime
        .block_on(Client::connect(ClientOptions::new(server.address())))
        .expect("a server");
    let posted = || {
        let ledgers = runtime.block_on(client.list_ledgers()).expect("an answer");
        let transfers = ledgers.value.iter().map(|ledger| ledger.transfers);
        transfers.sum::<u64>()
    };
    assert_eq!(posted(), 0, "the server is fresh");
    let mut import = server
        .command(&["import", file, "--batch", "1", "--deadline", "3s"])
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary is there");
    while posted() < TRANSFERS {
        if let Some(ended) = import.try_wait().expect("it is our child") {
            assert!(ended.success(), "the import failed by itself: {ended}");
            return ended;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    server.kill();
    import.wait().expect("it ends")
}
