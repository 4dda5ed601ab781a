//! Whatever is asked about the past is what a naive look through all events finds.

mod amid_writes;
mod asking;
mod filters;
mod histories;
mod lookups;
mod moments;
mod naive;
mod random;
mod rounding;
mod updates;
