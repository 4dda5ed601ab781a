//! How something new gets its id.

use ledger_client::{id_from_reference, time_ordered_id};

use crate::id_text::IdText;

/// The id of something new.
#[derive(Debug, clap::Args)]
pub(crate) struct NewIdArguments {
    /// The id: a number, a UUID or ref:TEXT [default: a new one, ordered by time]
    #[arg(long, value_name = "ID", conflicts_with = "reference_id")]
    id: Option<IdText>,
    /// Derive the id from another system's id or name, so that saying it twice does it once
    #[arg(long = "ref", id = "reference_id", value_name = "TEXT")]
    reference: Option<String>,
    /// The system that the --ref comes from, such as a payment provider's name
    #[arg(long, value_name = "NAME", requires = "reference_id")]
    namespace: Option<String>,
}

impl NewIdArguments {
    /// The id; `kind` is the namespace of references that come from no named system.
    pub(crate) fn id(&self, kind: &str) -> u128 {
        match (&self.id, &self.reference) {
            (Some(id), _) => id.resolve(kind),
            (None, Some(text)) => {
                id_from_reference(self.namespace.as_deref().unwrap_or(kind), text)
            }
            (None, None) => time_ordered_id(),
        }
    }

    /// What the id is derived from.
    pub(crate) fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}
