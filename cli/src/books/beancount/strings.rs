//! The strings of Beancount, read as Beancount reads them.
//!
//! The parser of entries gives up at a string that begins with an escape or holds one of a line
//! feed. So strings are taken out of a transaction's head before it sees them.

/// Takes the strings out of a line. In the line that is left each is a number: `"0"`, `"1"`.
pub(super) fn take_strings(line: &str) -> (String, Vec<String>) {
    let mut left = String::with_capacity(line.len());
    let mut strings = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['"', ';']) {
        let (before, from) = rest.split_at(at);
        left.push_str(before);
        rest = from;
        if from.starts_with(';') {
            break;
        }
        match read_string(from) {
            Some((string, after)) => {
                left.push_str(&format!("\"{}\"", strings.len()));
                strings.push(string);
                rest = after;
            }
            None => break,
        }
    }
    left.push_str(rest);
    (left, strings)
}

/// The string that `text` begins with, and what follows it.
pub(super) fn read_string(text: &str) -> Option<(String, &str)> {
    let mut letters = text.strip_prefix('"')?.char_indices();
    let mut string = String::new();
    while let Some((at, letter)) = letters.next() {
        match letter {
            // Positions count from behind the quotation mark, which is one byte, as is this one.
            '"' => return Some((string, &text[at + 2..])),
            '\\' => string.push(match letters.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'f' => '\u{c}',
                'b' => '\u{8}',
                other => other,
            }),
            letter => string.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests;
