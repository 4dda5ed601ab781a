use clap::CommandFactory;

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
