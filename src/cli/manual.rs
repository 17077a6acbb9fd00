//! The manual page and the completions, made from the declarations of the command line and of the keys.

use std::io;

use clap::{Arg, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use crate::action::{ACTIONS, Reach};

/// What exit codes mean (contract, exit codes).
const EXIT: [(&str, &str); 6] = [
    ("0", "Done; for a change: accepted, and seen in a later reading."),
    ("1", "Refused or failed, or read-only."),
    ("2", "Usage or configuration error."),
    ("3", "Sent, but not confirmed."),
    ("4", "No source answered."),
    ("101, 129, 130, 131, 143", "A bug; terminal gone; interrupted; quit; terminated."),
];

/// The completions for `shell`.
pub fn completions(mut command: Command, shell: Shell) -> Vec<u8> {
    // Into memory first: the generator ends the program where writing fails.
    let mut out = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command, name, &mut out);
    out
}

/// The manual page, in roff: every command with its options, the keys, the exit codes.
///
/// # Errors
/// None that has been seen: it is written into memory.
pub fn page(mut command: Command) -> io::Result<Vec<u8>> {
    command.build();
    let mut out = Vec::new();
    let man = Man::new(command.clone()).manual("floorwalker");
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    let mut rest = Roff::new();
    rest.control("SH", ["COMMANDS"]);
    commands(&command, &mut rest);
    rest.control("SH", ["KEYS"]);
    for action in ACTIONS {
        let keys: Vec<String> = action.keys.iter().map(ToString::to_string).collect();
        let mark = if action.reach == Reach::Floor { " (not in read-only mode)" } else { "" };
        let name = roman(format!("  {}{mark}", action.name));
        item(&mut rest, vec![bold(keys.join(" ")), name], action.help);
    }
    rest.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in EXIT {
        item(&mut rest, vec![bold(code)], meaning);
    }
    rest.to_writer(&mut out)?;
    man.render_version_section(&mut out)?;
    Ok(out)
}

/// Every command that does something, with what it takes besides the global options.
fn commands(command: &Command, roff: &mut Roff) {
    for own in command.get_subcommands() {
        if own.has_subcommands() {
            commands(own, roff);
            continue;
        }
        let name = own.get_bin_name().unwrap_or_else(|| own.get_name());
        roff.control("SS", [name]);
        roff.text([roman(own.get_about().map(ToString::to_string).unwrap_or_default())]);
        for arg in own.get_arguments().filter(|arg| is_own(arg)) {
            item(roff, written(arg), &arg.get_help().map(ToString::to_string).unwrap_or_default());
        }
    }
}

fn is_own(arg: &Arg) -> bool {
    !arg.is_global_set()
        && !arg.is_hide_set()
        && !matches!(arg.get_id().as_str(), "help" | "version")
}

/// An argument as it is typed, with what it may be and what it is by itself.
fn written(arg: &Arg) -> Vec<Inline> {
    let mut line = Vec::new();
    if let Some(long) = arg.get_long() {
        line.push(bold(format!("--{long}")));
    }
    if arg.get_action().takes_values() {
        let names: Vec<&str> = arg
            .get_value_names()
            .map_or_else(Vec::new, |names| names.iter().map(clap::builder::Str::as_str).collect());
        let gap = if line.is_empty() { "" } else { " " };
        line.push(italic(format!("{gap}{}", names.join(" "))));
    }
    let possible: Vec<String> =
        arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if arg.get_action().takes_values() && !possible.is_empty() {
        line.push(roman(format!("  {}", possible.join("|"))));
    }
    let default: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if arg.get_action().takes_values() && !default.is_empty() {
        line.push(roman(format!("  [default: {}]", default.join(" "))));
    }
    line
}

fn item(roff: &mut Roff, head: Vec<Inline>, body: &str) {
    roff.control("TP", []);
    roff.text(head);
    roff.text([roman(body)]);
}
