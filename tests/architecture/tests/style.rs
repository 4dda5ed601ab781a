//! The habits of `CONTRIBUTING.md` that a machine can see.

use architecture_tests::{Source, Word, packages, relative, root, sources_below};

/// Names that tell a reader nothing, so that anything ends up behind them.
const EMPTY_NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "handler",
    "handlers", "impl", "impls", "type", "types", "data", "info",
];

/// Past this many lines a file holds a second idea.
const LINES_MAX: usize = 500;

fn sources() -> Vec<Source> {
    let sources: Vec<_> = packages()
        .iter()
        .flat_map(|package| sources_below(&package.folder))
        .collect();
    assert!(sources.len() > 40, "the sources were not found");
    sources
}

fn place(source: &Source, line: usize) -> String {
    format!("{}:{line}", relative(&source.path))
}

#[test]
fn names_of_modules_say_what_is_in_them() {
    let mut wrong = Vec::new();
    for source in sources() {
        let path = relative(&source.path);
        let named = path.trim_end_matches(".rs").split('/');
        wrong.extend(
            named
                .filter(|name| EMPTY_NAMES.contains(name))
                .map(|name| format!("{path}: `{name}` says nothing")),
        );
        for pair in source.words().windows(2) {
            if let [Word { text: "mod", line }, Word { text: name, .. }] = pair
                && EMPTY_NAMES.contains(name)
            {
                wrong.push(format!("{}: `{name}` says nothing", place(&source, *line)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_holds_one_idea() {
    let wrong: Vec<_> = sources()
        .iter()
        .filter(|source| !source.is_test() && source.text.lines().count() > LINES_MAX)
        .map(|source| {
            let lines = source.text.lines().count();
            format!(
                "{} has {lines} lines, more than {LINES_MAX}",
                relative(&source.path)
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tests_lie_in_files_of_their_own() {
    let wrong: Vec<_> = sources()
        .iter()
        .filter_map(|source| {
            let line = source.line_of_phrase(&["mod", "tests", "{"])?;
            Some(place(source, line))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "tests inside a source, to be moved to a sibling file:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_tops_of_modules_hold_docs_and_names_only() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let is_top = ["lib.rs", "mod.rs"]
            .iter()
            .any(|name| source.path.file_name().is_some_and(|n| n == *name));
        if is_top {
            wrong.extend(
                ["fn", "struct", "enum", "trait", "impl"]
                    .iter()
                    .filter_map(|item| Some((item, source.line_of(item)?)))
                    .map(|(item, line)| format!("{}: `{item}`", place(source, line))),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_module_of_the_engine_touches_the_file_system() {
    let the_one = "engine/src/vfs/os.rs";
    // sled makes and removes files of its own, which hold nothing that is not in the journal.
    let sleds_own = [
        "engine/src/directory/store.rs",
        "engine/src/directory/inspection.rs",
    ];
    let engine = sources_below(&root().join("engine/src"));
    assert!(
        engine
            .iter()
            .any(|source| relative(&source.path) == the_one),
        "{the_one} is gone: say here which module touches the file system now"
    );
    let mut wrong = Vec::new();
    for source in &engine {
        let path = relative(&source.path);
        let is_of_the_one = path == the_one || path.starts_with("engine/src/vfs/os/");
        if source.is_test() || is_of_the_one || sleds_own.contains(&path.as_str()) {
            continue;
        }
        let mut lines: Vec<_> = source.line_of("fs").into_iter().collect();
        lines.extend(
            ["exists", "is_dir", "is_file", "read_dir", "canonicalize"]
                .iter()
                .filter_map(|asked| source.line_of_phrase(&[".", asked, "(", ")"])),
        );
        wrong.extend(lines.into_iter().map(|line| place(source, line)));
    }
    assert!(
        wrong.is_empty(),
        "the file system is reached past the Vfs:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_auditor_shares_nothing_with_what_it_audits() {
    let verify: Vec<_> = sources_below(&root().join("engine/src"))
        .into_iter()
        .filter(|source| {
            let path = relative(&source.path);
            !source.is_test()
                && (path == "engine/src/verify.rs" || path.starts_with("engine/src/verify/"))
        })
        .collect();
    assert!(!verify.is_empty(), "the engine's `verify` was not found");
    let wrong: Vec<_> = verify
        .iter()
        .filter_map(|source| Some(place(source, source.line_of("State")?)))
        .collect();
    assert!(
        wrong.is_empty(),
        "verify uses the state that decides:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_core_has_no_standard_library_and_no_floating_point() {
    let core = sources_below(&root().join("ledger-core/src"));
    let top = core
        .iter()
        .find(|source| relative(&source.path) == "ledger-core/src/lib.rs")
        .expect("the core has a lib.rs");
    assert!(
        top.text.lines().any(|line| line == "#![no_std]"),
        "ledger-core/src/lib.rs says `#![no_std]`"
    );
    let tests_only = [
        "#", "[", "cfg", "(", "test", ")", "]", "extern", "crate", "std",
    ];
    let mut wrong = Vec::new();
    for source in core.iter().filter(|source| !source.is_test()) {
        let words = source.words();
        for (at, word) in words.iter().enumerate() {
            let until = words[..=at].iter().rev().map(|word| word.text);
            let for_tests = until
                .take(tests_only.len())
                .eq(tests_only.iter().rev().copied());
            if ["std", "f32", "f64"].contains(&word.text) && !for_tests {
                wrong.push(format!("{}: `{}`", place(source, word.line), word.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
