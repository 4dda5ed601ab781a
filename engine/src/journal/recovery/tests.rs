//! What must happen when a data directory is opened after something went wrong.

mod ahead;
mod damage;
mod directory;
mod power;
