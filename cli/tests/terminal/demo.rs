//! `pacioli demo`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::process::{PACIOLI, complained, printed, run};

#[test]
fn the_demo_ends_balanced_and_running_it_again_changes_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let data_dir = dir.path().join("demo");
    let data_dir = data_dir.to_str().expect("text");
    let first = printed(run(&["demo", "--exit", "--data-dir", data_dir]));
    let again = printed(run(&["demo", "--exit", "--data-dir", data_dir]));

    let balance = |told: &str| {
        let begin = told
            .find("3. The trial balance")
            .expect("the trial balance");
        let end = told.find("The journal holds").expect("the end");
        told[begin..end].to_owned()
    };
    assert!(first.contains("0 there before"));
    assert!(again.contains(" 0 posted now"));
    assert!(again.contains("of which this run added 0."), "{again}");
    assert_eq!(balance(&first), balance(&again));
    assert!(!first.contains("DIFFER"));
    assert_eq!(first.matches("  debits = credits").count(), 5);
}

#[test]
fn the_demo_goes_on_serving_until_it_is_asked_to_end() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut demo = Command::new(PACIOLI)
        .args(["demo", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(dir.path().join("demo"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary is there");
    let mut lines = BufReader::new(demo.stdout.take().expect("piped")).lines();
    let hint = lines
        .by_ref()
        .map_while(Result::ok)
        .find(|line| line.contains(" status --server "))
        .expect("the demo says what to try");
    let server = hint.rsplit(' ').next().expect("an address");
    let shown = printed(run(&[
        "balance",
        "--server",
        server,
        "--format",
        "csv",
        "ref:Liabilities:Wallets:Chiara EUR",
    ]));
    assert!(shown.contains("-46.72"), "{shown}");
    let pid = demo.id();
    let asked = Command::new("sh")
        .args(["-c", &format!("kill -INT {pid}")])
        .status();
    assert!(asked.expect("there is a shell").success());
    assert!(demo.wait().expect("it ends").success());
}

#[test]
fn the_demo_does_not_listen_for_others() {
    let said = complained(run(&["demo", "--exit", "--listen", "0.0.0.0:0"]), 2);
    assert!(said.contains("not loopback"), "{said}");
}
