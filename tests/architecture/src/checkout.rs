//! The files of the checkout.

use std::fs;
use std::path::{Path, PathBuf};

/// What is built, downloaded or served into the checkout and is not part of it.
const NOT_OURS: &[&str] = &["target", "book", "pacioli-data", "node_modules"];

/// The top folder of the checkout.
///
/// # Panics
/// If this package has been moved to another depth.
#[must_use]
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this package lies two folders below the top");
    assert!(
        root.join("Cargo.lock").is_file(),
        "{} is not the top of the checkout: it has no Cargo.lock",
        root.display()
    );
    root.to_path_buf()
}

/// All files below `folder` whose name ends with `suffix`, sorted, without what is built or
/// hidden.
///
/// # Panics
/// If a folder cannot be read: a check that skips what it cannot see proves nothing.
#[must_use]
pub fn files_below(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|e| panic!("reading {}: {e}", folder.display()));
        for entry in entries {
            let path = entry
                .unwrap_or_else(|e| panic!("reading {}: {e}", folder.display()))
                .path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if !name.starts_with('.') && !NOT_OURS.contains(&&*name) {
                    waiting.push(path);
                }
            } else if name.ends_with(suffix) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The path below the top of the checkout, as it is shown in a message.
#[must_use]
pub fn relative(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}
