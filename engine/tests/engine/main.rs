//! The engine as its callers see it, on files in memory and a simulated clock.

mod audit;
mod callers;
mod clean_end;
mod commit;
mod crash;
mod faults;
mod foreseen;
mod formats;
mod gate;
mod index_files;
mod limits;
mod names;
mod old_history;
mod old_ids;
mod open_files;
mod past;
mod real_files;
mod restore;
mod scrub;
mod sealing;
mod snapshots;
mod teller;
mod time;
mod trial_balance;
