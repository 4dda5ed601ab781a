//! Looking up what is old, so that the writer never waits for a disk while it decides.
//!
//! Every id, target, update and group that a request names is looked for in the filters of the
//! runs, in memory, by the thread that submits it ([`probe`]). Almost always they all say no, and
//! the request is queued as resolved up to the last event that the runs cover. Where a filter says
//! maybe, one of a few threads reads the runs and those old events that deciding will need
//! ([`reading`]), and queues the request then.
//!
//! The writer decides a request only if what it resolved reaches to where the recent ids in memory
//! begin. If those were forgotten meanwhile, the request comes back here.

mod pool;
mod probe;
mod reading;
mod resolution;

pub(crate) use pool::{Parts, RESOLVERS, Resolver, missing};
pub(crate) use resolution::Resolution;
