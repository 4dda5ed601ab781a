//! Pages: their links, the anchors of their headings and the rows of their tables.

/// A link in a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The line, from 1.
    pub line: usize,
    /// Where it leads, as it is written.
    pub target: String,
}

/// The links of a page, `[text](target)`, outside code.
#[must_use]
pub fn links(page: &str) -> Vec<Link> {
    let mut found = Vec::new();
    for (line, text) in prose(page) {
        let text = without_code_spans(text);
        let mut rest = text.as_str();
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let end = rest.find(')').unwrap_or(rest.len());
            found.push(Link {
                line,
                target: rest[..end].to_owned(),
            });
        }
    }
    found
}

/// The anchors that the headings of a page get: lower case, spaces as hyphens, no other signs.
#[must_use]
pub fn heading_anchors(page: &str) -> Vec<String> {
    prose(page)
        .filter_map(|(_, line)| {
            let title = line.trim_start_matches('#');
            (title.len() < line.len() && title.starts_with(' ')).then(|| anchor(title.trim()))
        })
        .collect()
}

fn anchor(title: &str) -> String {
    title
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

/// The rows of the first table after the heading `title`, without its head, each as its cells.
#[must_use]
pub fn table_rows(page: &str, title: &str) -> Vec<Vec<String>> {
    prose(page)
        .map(|(_, line)| line)
        .skip_while(|line| line.trim_start_matches('#').trim() != title || !line.starts_with('#'))
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            line.trim()
                .trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().trim_matches('`').to_owned())
                .collect()
        })
        .collect()
}

/// The lines outside fenced code, each with its number.
fn prose(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    page.lines().enumerate().filter_map(move |(at, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        (!in_code && !fence).then_some((at + 1, line))
    })
}

fn without_code_spans(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

#[cfg(test)]
mod tests;
