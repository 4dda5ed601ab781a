//! The real binary, driven as people and scripts drive it: server processes on real data
//! directories, commands with their output and exit codes, signals that cannot be caught.

mod books_directory;
mod cut_off;
mod demo;
mod ending;
mod import;
mod kill_rounds;
mod process;
mod random;
mod session;
