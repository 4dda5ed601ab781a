use clap::{Command, CommandFactory, Parser};

use super::Arguments;

#[test]
fn the_command_line_is_well_formed() {
    Arguments::command().debug_assert();
}

#[test]
fn help_tells_every_exit_code() {
    let help = Arguments::command().render_long_help().to_string();
    for (code, meaning) in crate::exit_code::ExitCode::ALL {
        let line = format!("  {}  {meaning}", code.number());
        assert!(help.contains(&line), "`--help` does not tell: {line}");
    }
}

/// A command with all that are below it.
fn with_below(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().flat_map(with_below);
    std::iter::once(command).chain(below).collect()
}

#[test]
fn the_examples_in_the_help_are_commands() {
    let mut examples = 0;
    for command in with_below(&Arguments::command()) {
        let help = command.get_after_long_help().map(ToString::to_string);
        let help = help.unwrap_or_default();
        for example in help.lines().filter(|line| line.starts_with("  pacioli ")) {
            let parsed = Arguments::try_parse_from(example.split_whitespace());
            assert!(parsed.is_ok(), "{example}: {:?}", parsed.err());
            examples += 1;
        }
    }
    assert!(examples > 20, "only {examples} examples were found");
}
