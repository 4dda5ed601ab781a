//! Server processes and commands.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// The binary under test.
pub(crate) const PACIOLI: &str = env!("CARGO_BIN_EXE_pacioli");

/// A server process. It is killed when this goes.
pub(crate) struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts a server on `data_dir`, on a free port, with small segments.
    pub(crate) fn start(data_dir: &Path) -> Self {
        Self::start_with(data_dir, &["--segment-bytes", "1048576"])
    }

    /// Starts a server with further arguments.
    pub(crate) fn start_with(data_dir: &Path, arguments: &[&str]) -> Self {
        Self::start_as(Command::new(PACIOLI), data_dir, arguments)
    }

    /// Starts a server with further arguments through `command`, which becomes the binary.
    pub(crate) fn start_as(mut command: Command, data_dir: &Path, arguments: &[&str]) -> Self {
        let mut process = command
            .arg("serve")
            .arg("--data-dir")
            .arg(data_dir)
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("PACIOLI_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary is there");
        let stdout = process.stdout.take().expect("standard output is piped");
        let address = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned));
        let Some(address) = address else {
            let status = process.wait().expect("it has ended");
            panic!("the server did not say where it listens: {status}");
        };
        Self { process, address }
    }

    /// Where it listens, such as `http://127.0.0.1:7400`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// All that it says on standard error until it ends, if that is piped.
    pub(crate) fn complaints(&mut self) -> impl Read + use<> {
        self.process.stderr.take().expect("standard error is piped")
    }

    /// Runs a command against it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.output().expect("the binary is there")
    }

    /// A command against it, to be run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PACIOLI);
        command
            .args(arguments)
            .env("PACIOLI_SERVER", &self.address)
            .stdin(Stdio::null());
        command
    }

    /// Kills it the way a power cut does, without a chance to do anything.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("it can be killed");
        self.process.wait().expect("it has ended");
    }

    /// Asks it to end, as `kill PID` does.
    pub(crate) fn ask_to_end(&self) {
        let pid = self.process.id();
        let asked = Command::new("sh")
            .args(["-c", &format!("kill -TERM {pid}")])
            .status();
        assert!(asked.expect("there is a shell").success());
    }

    /// Waits until it has ended.
    pub(crate) fn wait(mut self) -> ExitStatus {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.process.try_wait().expect("it is our child") {
                return status;
            }
            assert!(Instant::now() < until, "the server does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a command without a server.
pub(crate) fn run(arguments: &[&str]) -> Output {
    Command::new(PACIOLI)
        .args(arguments)
        .env_remove("PACIOLI_SERVER")
        .stdin(Stdio::null())
        .output()
        .expect("the binary is there")
}

/// What a command printed, which must have ended well.
pub(crate) fn printed(output: Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {said}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

/// What a command complained about, which must have ended with `code`.
pub(crate) fn complained(output: Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{printed}{said}");
    said
}
