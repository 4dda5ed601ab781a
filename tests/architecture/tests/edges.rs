//! The arrows between the crates: who may know whom, and what no crate of a ring may know.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use architecture_tests::{DependencyKind, Package, packages, relative, root, workspace};
use toml::{Table, Value};

/// Every package and all of ours that it may depend on, directly, for whatever purpose.
///
/// A new edge is a change of the architecture: it goes into `ARCHITECTURE.md` first.
const ALLOWED: &[(&str, &[&str])] = &[
    // Ring 1, meaning.
    ("ledger-core", &[]),
    // Ring 2, durability.
    ("ledger-engine", &["ledger-core"]),
    // Ring 3, reach.
    ("ledger-proto", &["ledger-core"]),
    ("ledger-client", &["ledger-core", "ledger-proto"]),
    (
        "ledger-server",
        &["ledger-core", "ledger-engine", "ledger-proto"],
    ),
    ("ledger-benches", EVERYTHING_BUT_THE_BINARY),
    (
        "ledger-cli",
        &[
            "ledger-core",
            "ledger-engine",
            "ledger-proto",
            "ledger-client",
            "ledger-server",
            "ledger-benches",
        ],
    ),
    // Proofs.
    ("architecture-tests", &["ledger-core"]),
    ("no-std-proof", &["ledger-core"]),
];

const EVERYTHING_BUT_THE_BINARY: &[&str] = &[
    "ledger-core",
    "ledger-engine",
    "ledger-proto",
    "ledger-client",
    "ledger-server",
];

/// What must not be reached from a package, however long the way, and why.
const NEVER_REACHED: &[(&str, &[&str], &str)] = &[
    (
        "ledger-core",
        &["tokio", "tonic", "prost", "rustix", "sled"],
        "meaning knows no files, threads, async or wire",
    ),
    (
        "ledger-engine",
        &["tokio", "tonic", "prost", "hyper", "h2", "tower"],
        "durability knows no async runtime and no wire",
    ),
    (
        "ledger-client",
        &["ledger-engine", "sled"],
        "reach does not know how bytes lie on disk",
    ),
];

#[test]
fn packages_depend_on_each_other_only_where_the_architecture_allows() {
    let packages = packages();
    let ours: BTreeSet<_> = packages.iter().map(|p| p.name.as_str()).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == package.name) else {
            wrong.push(format!("{} is not in the table of packages", package.name));
            continue;
        };
        wrong.extend(
            package
                .edges()
                .into_iter()
                .filter(|edge| ours.contains(edge.to.as_str()) && !allowed.contains(&&*edge.to))
                .map(|edge| format!("{} → {} ({:?})", edge.from, edge.to, edge.kind)),
        );
    }
    assert!(
        wrong.is_empty(),
        "edges that nothing allows:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_packages_that_the_table_names_exist() {
    let packages = packages();
    for (name, _) in ALLOWED {
        assert!(
            packages.iter().any(|package| package.name == *name),
            "{name} is in the table of packages and nowhere else"
        );
    }
}

#[test]
fn what_a_ring_must_not_know_is_not_reached_by_any_way() {
    let needs = locked_needs();
    let mut wrong = Vec::new();
    for (package, forbidden, why) in NEVER_REACHED {
        let reached = reached_from(package, &needs);
        wrong.extend(
            forbidden
                .iter()
                .filter(|name| reached.contains(**name))
                .map(|name| format!("{package} reaches {name}: {why}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What each package needs according to the lock file, once for all its versions. The lock file
/// holds what our own packages need for their tests, and what build scripts need, too, so this errs
/// on the strict side. Only of `ledger-core` what its tests need is left out: they may use an
/// operating system, and what it links is proven in `tests/no-std`.
fn locked_needs() -> BTreeMap<String, BTreeSet<String>> {
    let lock: Table = fs::read_to_string(root().join("Cargo.lock"))
        .expect("the lock file is part of the checkout")
        .parse()
        .expect("the lock file is TOML");
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in lock["package"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name").to_owned();
        let dependencies = package
            .get("dependencies")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|line| line.as_str()?.split(' ').next())
            .map(str::to_owned);
        needs.entry(name).or_default().extend(dependencies);
    }
    let core = package("ledger-core");
    let shipped = core
        .edges()
        .into_iter()
        .filter(|edge| edge.kind != DependencyKind::Dev)
        .map(|edge| edge.to)
        .collect();
    needs.insert(core.name, shipped);
    needs
}

fn reached_from(package: &str, needs: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![package.to_owned()];
    while let Some(name) = waiting.pop() {
        for need in needs.get(&name).into_iter().flatten() {
            if reached.insert(need.clone()) {
                waiting.push(need.clone());
            }
        }
    }
    reached
}

#[test]
fn dependencies_are_chosen_in_one_place() {
    let wrong: Vec<_> = members()
        .iter()
        .flat_map(Package::edges)
        .filter(|edge| edge.value.get("workspace").and_then(Value::as_bool) != Some(true))
        .map(|edge| format!("{} takes {} past the workspace", edge.from, edge.to))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn dependencies_come_from_the_registry_or_the_checkout() {
    let workspace = workspace();
    let dependencies = workspace["workspace"]["dependencies"]
        .as_table()
        .expect("a table");
    for (name, value) in dependencies {
        assert!(
            value.get("git").is_none() && value.get("registry").is_none(),
            "{name} comes from a place that nobody else can rely on"
        );
    }
}

#[test]
fn every_member_takes_the_lints_of_the_workspace() {
    for member in members() {
        let taken = member
            .manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(Value::as_bool);
        assert_eq!(
            taken,
            Some(true),
            "{} does not say `[lints] workspace = true`",
            relative(&member.folder.join("Cargo.toml"))
        );
    }
    assert_eq!(
        workspace()["workspace"]["lints"]["rust"]["unsafe_code"].as_str(),
        Some("forbid"),
        "no crate of the workspace has unsafe code"
    );
}

fn members() -> Vec<Package> {
    let workspace = workspace();
    let listed: Vec<_> = workspace["workspace"]["members"]
        .as_array()
        .expect("the members are listed")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let members: Vec<_> = packages()
        .into_iter()
        .filter(|package| listed.contains(&&*relative(&package.folder)))
        .collect();
    assert_eq!(members.len(), listed.len(), "a member has no manifest");
    members
}

fn package(name: &str) -> Package {
    packages()
        .into_iter()
        .find(|package| package.name == name)
        .unwrap_or_else(|| panic!("{name} is a package of the checkout"))
}
