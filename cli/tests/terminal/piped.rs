//! What programs get: no escape codes, nothing beside the output, JSON that can be read.

use crate::books::Books;
use crate::process::run;

/// What a command of a pipe prints; it says nothing beside that.
fn piped(books: &Books, arguments: &[&str]) -> String {
    let output = books.server.run(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    assert_eq!(said, "", "{arguments:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(!text.contains('\x1b'), "{arguments:?}: {text}");
    text
}

#[test]
fn json_of_every_command_is_json() {
    let books = Books::new();
    let (backup, restored) = (books.path("backup"), books.path("restored"));
    let (before, after) = (books.path("before"), books.path("after"));
    let create = piped(&books, &["snapshot", "create", "--format", "json"]);
    let create: serde_json::Value = serde_json::from_str(&create).expect("JSON");
    let file = create[0]["file"].as_str().expect("a file");
    std::fs::copy(books.path(&format!("data/{file}")), &before).expect("it is there");
    std::fs::copy(&before, &after).expect("it is there");
    let from_to = ["--from", &backup, "--to", &restored];
    let commands: [&[&str]; 14] = [
        &["transfer", "list"],
        &["account", "list"],
        &["balance", "ref:Ada", "--at", "10"],
        &["balance", "history", "ref:Ada"],
        &["trial-balance", "--at", "10"],
        &["snapshot", "create", "--name", "a"],
        &["snapshot", "list"],
        &["backup", &backup],
        &["backup", &backup, "--verify"],
        &["snapshot", "verify", &backup],
        &[&["snapshot", "restore", "--dry-run"][..], &from_to].concat(),
        &[&["snapshot", "restore", "--verify"][..], &from_to].concat(),
        &["verify", "--data-dir", &restored],
        &["transfer", "list", "--state", "voided"],
    ];
    for command in commands {
        let json = piped(&books, &[command, &["--format", "json"]].concat());
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&json);
        assert!(parsed.is_ok(), "{command:?}: {json}");
    }
    for line in piped(&books, &["export", "--format", "jsonl"]).lines() {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert!(object["type"].is_string(), "{line}");
    }
}

#[test]
fn tables_in_a_pipe_are_whole() {
    let books = Books::new();
    for command in [
        &["transfer", "list"][..],
        &["account", "list"],
        &["balance", "history", "ref:Ada"],
        &["trial-balance"],
        &["snapshot", "create"],
        &["export", "--format", "beancount"],
        &["export", "--format", "postings-csv"],
    ] {
        let text = piped(&books, command);
        assert!(!text.is_empty(), "{command:?}");
    }
    let list = piped(&books, &["transfer", "list"]);
    let header = list.lines().next().expect("a header");
    assert!(
        header.contains("  id ") && header.ends_with("pending or reversed"),
        "{header}"
    );
    let plot = piped(&books, &["balance", "history", "ref:Ada"]);
    let widest = plot.lines().map(|line| line.chars().count()).max();
    assert_eq!(widest, Some(80), "{plot}");
}

#[test]
fn an_svg_is_written_beside_the_rows() {
    let books = Books::new();
    let svg = books.path("ada.svg");
    let history = ["balance", "history", "ref:Ada", "--svg", &svg];
    let rows = piped(&books, &[&history[..], &["--format", "csv"]].concat());
    assert_eq!(rows.lines().count(), 6, "{rows}");
    let drawn = std::fs::read_to_string(&svg).expect("it is written");
    assert!(drawn.contains("<title>Ada, balance in EUR</title>"));
    assert!(drawn.contains(">-1000.00</text>") && drawn.contains(" UTC</text>"));
}

#[test]
fn half_of_a_closed_pipe_is_no_failure() {
    let books = Books::new();
    let mut export = books.server.command(&["export", "--format", "jsonl"]);
    let mut child = export
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary is there");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(run(&["--version"]).status.code(), Some(0));
}
