//! Reads the checkout as text (manifests, sources, pages), so that the tests of this package can
//! hold it against what `ARCHITECTURE.md` and `CONTRIBUTING.md` promise.
//!
//! Nothing here compiles or runs the code that it reads: a rule about the tree must be able to
//! fail while the tree does not build.

mod checkout;
mod manifest;
mod markdown;
mod source;

pub use checkout::{files_below, relative, root};
pub use manifest::{DependencyKind, Edge, Package, packages, workspace};
pub use markdown::{Link, heading_anchors, links, table_rows};
pub use source::{Source, Word, sources_below};
