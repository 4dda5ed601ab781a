//! The real binary, driven as people and scripts drive it: server processes on real data
//! directories, commands with their output and exit codes, at a terminal and in a pipe, signals that
//! cannot be caught.

mod books;
mod books_directory;
mod complaints;
mod cut_off;
mod demo;
mod ending;
mod import;
mod kill_rounds;
mod open_files;
mod piped;
mod process;
mod random;
mod screen;
mod seen;
mod session;
