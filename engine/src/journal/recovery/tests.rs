//! What must happen when a data directory is opened after something went wrong.

mod damage;
mod directory;
mod power;
