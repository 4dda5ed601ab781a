//! Whether the directory of names says what the events say.

use std::collections::HashMap;
use std::path::Path;

use super::Problem;
use super::books::{Books, name_hash};
use crate::directory::{Inspected, inspect};
use crate::journal::chain::Chain;

#[cfg(test)]
mod tests;

/// More differences are not told.
const TOLD_MAX: usize = 10;

/// Compares a directory that was closed where the journal ends, by its contents. Any other is
/// made anew by the next start, whatever is in it.
pub(super) fn differences(path: &Path, chain: &Chain, books: &Books) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut found = HashMap::new();
    let inspected = inspect(path, &mut |account, sequence, name| {
        found.insert(account, (sequence, name_hash(name)));
    });
    let left = match inspected {
        Ok(Inspected::Closed(left)) => left,
        Ok(Inspected::Absent | Inspected::Open) => return problems,
        Err(_) => return vec![Problem::DirectoryDamaged],
    };
    let identity = (left.database, left.epoch, left.applied);
    if identity != (chain.database, chain.lineage.epoch(), chain.last()) {
        return problems;
    }
    for (account, name) in &found {
        if books.name(*account) != Some(*name) {
            problems.push(Problem::DirectoryName(*account));
        }
    }
    if !left.incomplete {
        let missing = books.named().filter(|account| !found.contains_key(account));
        problems.extend(missing.map(Problem::DirectoryName));
    }
    problems.sort_by_key(|problem| match problem {
        Problem::DirectoryName(account) => account.get(),
        _ => 0,
    });
    problems.truncate(TOLD_MAX);
    problems
}
