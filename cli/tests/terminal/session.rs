//! A session at the terminal: what is printed, and how commands end.

use crate::process::{Server, complained, printed, run};

/// One value of the first object of a JSON answer.
fn value(json: &str, name: &str) -> String {
    let parsed: serde_json::Value = serde_json::from_str(json).expect("JSON");
    match &parsed[0][name] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn a_wallet_from_its_opening_to_a_refund() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let ok = |arguments: &[&str]| printed(server.run(arguments));

    ok(&["ledger", "register", "EUR", "--scale", "2", "--id", "978"]);
    let again = ok(&["ledger", "register", "EUR", "--scale", "2"]);
    assert_eq!(again, "ledger EUR is 978: exists\n");
    for (id, name) in [("1", "bank"), ("3", "shop")] {
        ok(&[
            "account", "create", "--id", id, "--ledger", "EUR", "--name", name,
        ]);
    }
    ok(&[
        "account",
        "create",
        "--id",
        "2",
        "--ledger",
        "EUR",
        "--name",
        "wallet",
        "--debits-must-not-exceed-credits",
    ]);
    let moved = |arguments: &[&str], id: &str| {
        let mut all = vec!["transfer"];
        all.extend(arguments);
        all.extend(["--ref", id, "--format", "json"]);
        value(&ok(&all), "status")
    };
    let top_up = ["create", "--debit", "1", "--credit", "2", "--amount", "50"];
    assert_eq!(moved(&top_up, "top-up"), "created");
    assert_eq!(moved(&top_up, "top-up"), "exists");
    let reserve = [
        "pending", "--debit", "2", "--credit", "3", "--amount", "30.50",
    ];
    assert_eq!(moved(&reserve, "order 1"), "created");
    assert_eq!(
        moved(
            &["post", "ref:order 1", "--amount", "20.25"],
            "order 1 sent"
        ),
        "created"
    );
    let another = ["pending", "--debit", "2", "--credit", "3", "--amount", "10"];
    assert_eq!(moved(&another, "order 2"), "created");
    assert_eq!(
        moved(&["void", "ref:order 2"], "order 2 cancelled"),
        "created"
    );
    assert_eq!(
        moved(
            &["reverse", "ref:order 1 sent", "--amount", "0.25"],
            "order 1 refund"
        ),
        "created"
    );

    let balances = ok(&["balance", "--format", "csv", "1", "2", "3"]);
    let told: Vec<&str> = balances.lines().skip(1).collect();
    assert!(told[0].starts_with("bank,1,EUR,50.00,"), "{balances}");
    assert!(told[1].starts_with("wallet,2,EUR,-30.00,"), "{balances}");
    assert!(told[2].starts_with("shop,3,EUR,-20.00,"), "{balances}");
    assert_eq!(
        ok(&["trial-balance", "--format", "csv"]),
        "account,commodity,balance\nbank,EUR,50.00\nshop,EUR,-20.00\nwallet,EUR,-30.00\n"
    );
    let shown = ok(&["transfer", "show", "ref:order 1", "--format", "json"]);
    assert_eq!(value(&shown, "state"), "posted");
    assert_eq!(value(&shown, "posted"), "20.25");
    assert_eq!(value(&shown, "released"), "10.25");
    assert_eq!(value(&shown, "reference"), "order 1");
    let shown = ok(&["transfer", "show", "ref:order 1 sent", "--format", "json"]);
    assert_eq!(value(&shown, "reversed"), "0.25");

    ok(&[
        "account",
        "update",
        "2",
        "--name",
        "Ada's wallet",
        "--overdraft-limit",
        "10",
    ]);
    let shown = ok(&["account", "show", "2", "--format", "json"]);
    assert_eq!(value(&shown, "name"), "Ada's wallet");
    assert_eq!(value(&shown, "overdraft_limit"), "10.00");
    assert_eq!(value(&shown, "flags"), "debits_must_not_exceed_credits");

    let listed = ok(&["ledger", "list", "--format", "json"]);
    assert_eq!(value(&listed, "code"), "EUR");
    assert_eq!(
        value(&listed, "debits_posted"),
        value(&listed, "credits_posted")
    );
    let status = ok(&["status", "--format", "json"]);
    assert_eq!(value(&status, "health"), "serving");
    assert_eq!(value(&status, "open_holds"), "0");
}

#[test]
fn refusals_say_what_to_do_and_end_with_their_codes() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    printed(server.run(&["ledger", "register", "EUR", "--scale", "2"]));
    let wallet = ["account", "create", "--ref", "wallet", "--ledger", "EUR"];
    let limit = "--debits-must-not-exceed-credits";
    printed(server.run(&[&wallet[..], &[limit]].concat()));
    printed(server.run(&["account", "create", "--ref", "shop", "--ledger", "EUR"]));

    let pay = |amount: &str, id: &str| {
        let pay = [
            "transfer",
            "create",
            "--debit",
            "ref:wallet",
            "--credit",
            "ref:shop",
        ];
        server.run(&[&pay[..], &["--amount", amount, "--ref", id]].concat())
    };
    let said = complained(pay("1.00", "pay"), 3);
    assert!(
        said.contains("exceeds_credits (54)") && said.contains("pacioli balance"),
        "{said}"
    );
    let said = complained(pay("1.00", "pay"), 3);
    assert!(
        said.contains("id_already_failed (68)") && said.contains("exceeds_credits"),
        "{said}"
    );
    let used_up = printed(server.run(&["transfer", "show", "ref:pay"]));
    assert!(used_up.contains("used up by exceeds_credits"), "{used_up}");

    let said = complained(pay("1.005", "pay 2"), 2);
    assert!(
        said.contains("--amount") && said.contains("3 decimals"),
        "{said}"
    );
    let said = complained(pay("-1.00", "pay 3"), 2);
    assert!(
        said.contains("--amount") && said.contains("`-1.00` is not an amount"),
        "{said}"
    );
    let said = complained(server.run(&[&wallet[..], &["--code", "7"]].concat()), 3);
    assert!(said.contains("exists_with_different_"), "{said}");
    let said = complained(
        server.run(&["ledger", "register", "EUR", "--scale", "3"]),
        3,
    );
    assert!(said.contains("exists_with_different_scale"), "{said}");
    let said = complained(server.run(&["balance", "ref:nobody"]), 4);
    assert!(said.contains("no such account"), "{said}");
    let said = complained(server.run(&["transfer", "show", "99"]), 4);
    assert!(said.contains("no such transfer: 99"), "{said}");
    let said = complained(server.run(&["account", "create", "--ledger", "XYZ"]), 4);
    assert!(said.contains("pacioli ledger register XYZ"), "{said}");
}

#[test]
fn commands_without_a_server_say_how_to_get_one() {
    let said = complained(run(&["status", "--server", "http://127.0.0.1:9"]), 5);
    assert!(said.contains("pacioli serve"), "{said}");
    let said = complained(run(&["status", "--server", "nonsense://"]), 2);
    assert!(said.contains("http://127.0.0.1:7400"), "{said}");
    complained(run(&["transfer"]), 2);
}

#[test]
fn a_dry_run_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    printed(server.run(&["ledger", "register", "EUR", "--scale", "2"]));
    for name in ["a", "b"] {
        printed(server.run(&["account", "create", "--ref", name, "--ledger", "EUR"]));
    }
    let pay = [
        "transfer", "create", "--debit", "ref:a", "--credit", "ref:b", "--amount", "1",
    ];
    let told = printed(server.run(&[&pay[..], &["--ref", "x", "--dry-run"]].concat()));
    assert!(told.contains("created"), "{told}");
    complained(server.run(&["transfer", "show", "ref:x"]), 4);
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(run(&["completions", shell]));
        assert!(script.contains("trial-balance"), "{shell}");
    }
}
