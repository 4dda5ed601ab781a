//! A server with a small set of books in it, the same in every test.

use std::path::Path;

use tempfile::TempDir;

use crate::process::{Server, printed};

/// A server with two ledgers of different decimals, and a place for files.
pub(crate) struct Books {
    dir: TempDir,
    pub(crate) server: Server,
}

impl Books {
    /// Starts a server and posts the books.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let server = Server::start(&dir.path().join("data"));
        let books = Self { dir, server };
        for (code, scale) in [("EUR", "2"), ("BTC", "8")] {
            books.ok(&["ledger", "register", code, "--scale", scale]);
        }
        for (name, ledger) in [("Bank", "EUR"), ("Ada", "EUR"), ("Shop", "EUR")] {
            books.account(name, ledger);
        }
        for name in ["Mine", "Cold"] {
            books.account(name, "BTC");
        }
        books.moves("create", "Bank", "Ada", "1000.00", "ch_1");
        books.moves("create", "Mine", "Cold", "0.12345678", "coin");
        books.moves("pending", "Ada", "Shop", "80.00", "order-7");
        let post = ["transfer", "post", "ref:order-7"];
        books.ok(&[&post[..], &["--amount", "75.00", "--ref", "shipped-7"]].concat());
        let reverse = ["transfer", "reverse", "ref:shipped-7"];
        books.ok(&[&reverse[..], &["--amount", "25.00", "--ref", "refund-7"]].concat());
        books.moves("pending", "Ada", "Shop", "11.50", "order-8");
        books
    }

    fn account(&self, name: &str, ledger: &str) {
        let create = ["account", "create", "--ref", name, "--name", name];
        self.ok(&[&create[..], &["--ledger", ledger]].concat());
    }

    fn moves(&self, how: &str, debit: &str, credit: &str, amount: &str, id: &str) {
        let (debit, credit) = (format!("ref:{debit}"), format!("ref:{credit}"));
        let accounts = ["--debit", &debit, "--credit", &credit];
        let transfer = ["transfer", how, "--amount", amount, "--ref", id];
        self.ok(&[&transfer[..], &accounts].concat());
    }

    /// Runs a command that must succeed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        printed(self.server.run(arguments))
    }

    /// A path beside the data directory.
    pub(crate) fn path(&self, name: &str) -> String {
        let path = self.dir.path().join(name);
        path.to_str().expect("text").to_owned()
    }

    /// Where the server keeps its files.
    pub(crate) fn data_dir(&self) -> String {
        self.path("data")
    }

    /// A directory with something else in it, which is called `letter`.
    pub(crate) fn full(&self) -> String {
        let full = self.path("full");
        std::fs::create_dir(&full).expect("a directory");
        std::fs::write(Path::new(&full).join("letter"), "hello").expect("a file");
        full
    }

    /// A backup of it.
    pub(crate) fn backup(&self) -> String {
        let backup = self.path("backup");
        self.ok(&["backup", &backup]);
        assert!(Path::new(&backup).join("pacioli.backup").exists());
        backup
    }
}
