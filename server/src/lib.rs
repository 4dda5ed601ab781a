//! The gRPC server of the ledger: transport, limits, and the way of a call to the engine and back.
//!
//! [`serve`] is the whole life of a server. A call passes, in this order:
//!
//! | step | where | what can end it |
//! | --- | --- | --- |
//! | accept | `accept`, `slots` | too many connections: closed at once |
//! | handshake | `handshake`, `connection` | bytes that do not come in time, floods |
//! | dispatch | `dispatch` | the server starts or ends; the request's time is over |
//! | receive | `request_body` | a message too large, too many at once |
//! | decode | `ledger_proto` | malformed bytes; the field is named |
//! | answer | `ledger_service`, `admin_service` | what the engine refuses, see `failure` |
//!
//! A client that goes away stops only the waiting. Absent: any rule of the ledger, any file, any
//! `tonic::Status` that is made anywhere but from [`ledger_proto::Refusal`].

mod accept;
mod admin_service;
mod ask;
mod closing;
mod connection;
mod context;
mod desk;
mod dispatch;
mod failure;
mod handshake;
mod health;
mod ledger_service;
mod limits;
mod page_token;
mod request_body;
mod serve;
mod slots;
mod streaming;

pub use limits::Limits;
pub use serve::{ServeError, serve};
