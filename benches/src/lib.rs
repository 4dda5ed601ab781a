//! Workloads, and a load generator that drives a server through the client and holds it to its
//! promises: at the end the books must add up to what was acknowledged.
//!
//! What a [`Workload`] sends is a function of its options and seed alone, whoever sends it and in
//! whatever order; only the timing differs between two runs.

mod accounts;
mod check;
mod endurance;
mod error;
mod generator;
mod id_order;
mod latency;
mod load;
mod options;
mod outcome;
mod pace;
mod progress;
mod random;
mod remembered;
mod run;
mod server_process;
mod silence;
mod workload;

pub use endurance::{EnduranceOptions, EnduranceResult, Reopened, endure};
pub use error::BenchError;
pub use generator::Generator;
pub use id_order::IdOrder;
pub use latency::Latency;
pub use options::BenchOptions;
pub use outcome::BenchResult;
pub use progress::{Phase, Progress};
pub use run::run;
pub use server_process::ServerProcess;
pub use workload::Workload;
