//! Looking up what is old, so that the writer never waits for a disk while it decides.
//!
//! Every id, target, update and group that a request names is looked for in the filters of the
//! runs, in memory, by the thread that submits it ([`probe`]). About a single new id almost always
//! all of them say no, and the request is queued as resolved up to the last event that the runs
//! cover. But unless ids grow with time, they are wrong about one new id in a few hundred where there
//! are many runs, so a batch of 8190 random ids nearly always has some to be looked up. Where a
//! filter says maybe, one of a few threads reads the runs and those old events that deciding will
//! need ([`reading`]), and queues the request then.
//!
//! The writer decides a request only if what it resolved reaches to where the recent ids in memory
//! begin. If those were forgotten meanwhile, the request comes back here. So does one that will ask
//! for events of which the writer alone knows; they are read here, too.

mod pool;
mod probe;
mod reading;
mod resolution;

pub(crate) use pool::{Parts, RESOLVERS, Resolver, missing};
pub(crate) use resolution::Resolution;
