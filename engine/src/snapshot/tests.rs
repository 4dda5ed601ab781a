//! Snapshots as recovery and operators meet them: damaged, too new, half made, removed.

mod crashes;
mod damage;
mod halting;
mod restarts;
