//! A pseudo terminal of some width, and what somebody who sits before it sees in the end.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// What a command did at a terminal.
pub(crate) struct Seen {
    /// All that came, control characters too.
    pub(crate) raw: String,
    /// What it ended with.
    pub(crate) code: Option<i32>,
    /// What is on the screen when it has ended, as long lines were broken.
    pub(crate) lines: Vec<String>,
    /// The lines that were too long for the screen when they were drawn, up to where they broke.
    pub(crate) broken: Vec<String>,
}

impl Seen {
    /// Its lines as they were written, without those that progress was drawn on.
    pub(crate) fn written(&self) -> Vec<&str> {
        let lines = self.raw.lines().map(|line| line.trim_end_matches('\r'));
        lines
            .map(|line| line.rsplit("\x1b[2K").next().unwrap_or(line))
            .collect()
    }
}

/// Runs a command with its output and its messages at a terminal of `columns` characters.
pub(crate) fn seen(mut command: Command, columns: u16) -> Seen {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let ours = openpt(flags).expect("a pseudo terminal");
    grantpt(&ours).expect("it is ours");
    unlockpt(&ours).expect("it is ours");
    let theirs = ioctl_tiocgptpeer(&ours, flags).expect("its other end");
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&theirs, size).expect("terminals have a size");
    let messages = theirs.try_clone().expect("a file may be open twice");
    let mut child = command
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(Stdio::from(theirs))
        .stderr(Stdio::from(messages))
        .spawn()
        .expect("the binary is there");
    // It holds the other end open, too.
    drop(command);
    let mut ours = File::from(ours);
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    // Linux ends the output of a terminal that nobody holds any more with an error.
    while let Ok(length @ 1..) = ours.read(&mut piece) {
        bytes.extend_from_slice(&piece[..length]);
    }
    let raw = String::from_utf8(bytes).expect("text");
    let mut screen = Screen::new(columns.into());
    screen.draw(&raw);
    Seen {
        code: child.wait().expect("it ends").code(),
        lines: screen.text(),
        broken: screen.broken,
        raw,
    }
}

/// As much of a terminal as commands use. Each character is one cell wide.
struct Screen {
    width: usize,
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
    broken: Vec<String>,
}

impl Screen {
    fn new(width: usize) -> Self {
        Self {
            width,
            rows: vec![Vec::new()],
            row: 0,
            column: 0,
            broken: Vec::new(),
        }
    }

    fn draw(&mut self, text: &str) {
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\r' => self.column = 0,
                '\n' => self.down(1),
                '\x1b' => {
                    assert_eq!(letters.next(), Some('['), "an unknown control sequence");
                    let mut number = String::new();
                    let last = letters.find(|letter| {
                        number.push(*letter);
                        letter.is_ascii_alphabetic()
                    });
                    number.pop();
                    self.control(last, number.parse().unwrap_or(1));
                }
                letter => self.put(letter),
            }
        }
    }

    fn control(&mut self, what: Option<char>, number: usize) {
        match what {
            Some('A') => self.row = self.row.saturating_sub(number),
            Some('B') => self.down(number),
            Some('K') => self.rows[self.row].clear(),
            // Colours, and whether the cursor is shown.
            Some('m' | 'h' | 'l') => {}
            other => panic!("an unknown control sequence: {other:?}"),
        }
    }

    fn down(&mut self, rows: usize) {
        self.row += rows;
        let rows = self.rows.len().max(self.row + 1);
        self.rows.resize(rows, Vec::new());
    }

    fn put(&mut self, letter: char) {
        if self.column == self.width {
            self.broken.push(self.rows[self.row].iter().collect());
            self.down(1);
            self.column = 0;
        }
        let row = &mut self.rows[self.row];
        if row.len() <= self.column {
            row.resize(self.column + 1, ' ');
        }
        row[self.column] = letter;
        self.column += 1;
    }

    fn text(&self) -> Vec<String> {
        let rows = self.rows.iter().map(|row| row.iter().collect::<String>());
        let mut lines: Vec<String> = rows.map(|line| line.trim_end().to_owned()).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }
}

#[test]
fn what_is_drawn_over_is_not_seen() {
    let mut screen = Screen::new(10);
    screen.draw("working 10\r\x1b[2Kdone\r\nabcdefghijkl");
    assert_eq!(screen.text(), ["done", "abcdefghij", "kl"]);
    assert_eq!(screen.broken, ["abcdefghij"]);
}
