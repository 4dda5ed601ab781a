//! The package `pacioli.v1` as it is generated from the `.proto` files.

#![allow(missing_docs, unreachable_pub, clippy::all)]

include!(concat!(env!("OUT_DIR"), "/messages/pacioli.v1.rs"));

/// The server's half of the services.
pub mod server {
    include!(concat!(env!("OUT_DIR"), "/server/pacioli.v1.rs"));
}

/// The client's half of the services.
pub mod client {
    include!(concat!(env!("OUT_DIR"), "/client/pacioli.v1.rs"));
}

/// The descriptors of the package, encoded, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
