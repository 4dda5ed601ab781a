//! What the server could not accept, in the words of the command line.

use ledger_client::ClientError;

/// Fields of requests, with the options that they are made of.
const OPTIONS: [(&str, &str); 9] = [
    ("at_sequence", "--at"),
    ("at_time", "--at"),
    ("filter.time", "--since and --until"),
    ("filter.created", "--since and --until"),
    ("times", "--since and --until"),
    ("filter.amount", "--amount-min and --amount-max"),
    ("filter.age_s_max", "--older-than and --younger-than"),
    ("filter.age_s", "--older-than and --younger-than"),
    ("name", "--name"),
];

/// Why a call failed; a field at the beginning of a refusal is told as its option.
pub(crate) fn call_text(error: &ClientError) -> String {
    let text = error.to_string();
    let told = error.violations().iter().find_map(|violation| {
        let (_, option) = OPTIONS
            .into_iter()
            .find(|(field, _)| *field == &*violation.field)?;
        let rest = text.strip_prefix(&*violation.field)?;
        Some(format!("{option}{rest}"))
    });
    told.unwrap_or(text)
}
