//! `pacioli completions`: a script with which a shell completes the command line.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::command_error::CommandError;

/// What `completions` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub(crate) fn run(
    arguments: CompletionsArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    // The generator panics when it cannot write, so it writes to memory.
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "pacioli", &mut script);
    Ok(out.write_all(&script)?)
}
