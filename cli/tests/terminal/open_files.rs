//! A server whose operating system lets it have few files open.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::{PACIOLI, Server, printed};

/// What a client says first: HTTP/2, and empty settings.
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// The binary, with the limits that `ulimit` sets.
fn limited(ulimit: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{ulimit}; exec \"$0\" \"$@\""), PACIOLI])
        .stderr(Stdio::piped());
    command
}

/// Makes connections that all last until the end; how many of them the server speaks to.
fn admitted(server: &Server, connections: usize) -> usize {
    let address = server.address().trim_start_matches("http://");
    let connect = |_| TcpStream::connect(address).expect("a connection");
    let connections: Vec<_> = (0..connections).map(connect).collect();
    let speaks = |mut connection: &TcpStream| {
        let patience = Some(Duration::from_secs(10));
        connection.set_read_timeout(patience).expect("a time");
        let mut answer = [0];
        connection.write_all(HELLO).is_ok() && connection.read_exact(&mut answer).is_ok()
    };
    connections.iter().filter(|each| speaks(each)).count()
}

/// What the server said until it was asked to end.
fn said(mut server: Server) -> String {
    let mut complaints = server.complaints();
    server.ask_to_end();
    assert!(server.wait().success());
    let mut said = String::new();
    complaints.read_to_string(&mut said).expect("text");
    said
}

#[test]
fn the_soft_limit_of_open_files_is_raised() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start_as(limited("ulimit -Sn 64"), dir.path(), &[]);
    assert_eq!(admitted(&server, 200), 200);
    let said = said(server);
    assert!(!said.contains("files open"), "{said}");
}

#[test]
fn where_the_hard_limit_is_low_fewer_connections_are_admitted() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start_as(limited("ulimit -n 120"), dir.path(), &[]);
    assert_eq!(admitted(&server, 80), 60);
    // There are files left for the ledger itself.
    printed(server.run(&["ledger", "register", "EUR", "--scale", "2"]));
    printed(server.run(&["snapshot", "create"]));
    let said = said(server);
    let warned = "may have 120 files open, and 2048 connections need 2548: no more than 60";
    assert!(said.contains(warned), "{said}");
    assert!(said.contains("ulimit -Hn 2548"), "{said}");
}
