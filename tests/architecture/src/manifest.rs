//! The manifests: which package depends on which.

use std::fs;
use std::path::PathBuf;

use toml::{Table, Value};

use crate::{files_below, relative, root};

/// A package of the checkout, a member of the workspace or not.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Its `Cargo.toml`.
    pub manifest: Table,
}

/// When a dependency is needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DependencyKind {
    /// By the package itself.
    Normal,
    /// By its build script.
    Build,
    /// By its tests, benches and examples.
    Dev,
}

/// One dependency of one package.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The package that needs.
    pub from: String,
    /// The package that is needed.
    pub to: String,
    /// When it is needed.
    pub kind: DependencyKind,
    /// The line of the manifest, to be judged further.
    pub value: Value,
}

impl Package {
    /// Every dependency, those of single targets included.
    #[must_use]
    pub fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        self.collect_edges(&self.manifest, &mut edges);
        for target in tables(&self.manifest, "target") {
            self.collect_edges(target, &mut edges);
        }
        edges
    }

    fn collect_edges(&self, table: &Table, edges: &mut Vec<Edge>) {
        for (key, kind) in [
            ("dependencies", DependencyKind::Normal),
            ("build-dependencies", DependencyKind::Build),
            ("dev-dependencies", DependencyKind::Dev),
        ] {
            let Some(dependencies) = table.get(key).and_then(Value::as_table) else {
                continue;
            };
            edges.extend(dependencies.iter().map(|(name, value)| Edge {
                from: self.name.clone(),
                to: renamed(value).unwrap_or(name).to_owned(),
                kind,
                value: value.clone(),
            }));
        }
    }
}

/// The name in the registry, where the manifest gives the package another one.
fn renamed(value: &Value) -> Option<&str> {
    value.get("package").and_then(Value::as_str)
}

fn tables<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    table
        .get(key)
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table)
}

/// The top manifest.
///
/// # Panics
/// If it cannot be read or is not TOML.
#[must_use]
pub fn workspace() -> Table {
    read(&root().join("Cargo.toml"))
}

/// Every package of the checkout: found by looking for manifests, so that one which the workspace
/// leaves out is judged too.
///
/// # Panics
/// If a manifest cannot be read or is not TOML.
#[must_use]
pub fn packages() -> Vec<Package> {
    files_below(&root(), "Cargo.toml")
        .into_iter()
        .filter_map(|path| {
            let manifest = read(&path);
            let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
            let folder = path.parent()?.to_path_buf();
            Some(Package {
                name,
                folder,
                manifest,
            })
        })
        .collect()
}

fn read(path: &std::path::Path) -> Table {
    fs::read_to_string(path)
        .unwrap_or_else(|e| panic!("reading {}: {e}", relative(path)))
        .parse()
        .unwrap_or_else(|e| panic!("{} is not TOML: {e}", relative(path)))
}
