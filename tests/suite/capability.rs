//! What a terminal can show is known by its name, its entry in the terminfo database and the environment.

use std::process::{Command, Stdio};

use clap::CommandFactory;
use floorwalker::cli::Cli;
use floorwalker::terminal::{Capability, Entry, Environment};
use floorwalker::text::Characters;
use floorwalker::theme::Palette;
use portable_pty::CommandBuilder;
use tempfile::TempDir;

use crate::support::pty::{Stage, shown};

const PROGRAM: &str = env!("CARGO_BIN_EXE_floorwalker");

/// Variables, written as a shell takes them.
fn environment(written: &str) -> Environment {
    written.split(' ').filter_map(|own| own.split_once('=')).collect()
}

/// The colours in this environment, where there is no terminfo database.
fn palette(written: &str) -> Palette {
    Capability::new(environment(written), None).palette()
}

/// The same with an entry.
fn palette_by(written: &str, colours: Option<i16>, extended: &[&str]) -> Palette {
    let entry = Entry::read(&compiled(colours, extended)).unwrap();
    Capability::new(environment(written), Some(entry)).palette()
}

/// A compiled entry of a terminal that places its cursor, with so many colours and these names of flags.
fn compiled(colours: Option<i16>, extended: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    let short = |out: &mut Vec<u8>, value: i16| out.extend(value.to_le_bytes());
    let names = b"test|a terminal\0";
    let cup = b"\x1b[%i%p1%d;%p2%dH\0";
    for value in [0x011a, names.len(), 0, 14, 11, cup.len()] {
        short(&mut out, i16::try_from(value).unwrap());
    }
    out.extend(names);
    if out.len() % 2 == 1 {
        out.push(0);
    }
    (0..13).for_each(|_| short(&mut out, -1));
    short(&mut out, colours.unwrap_or(-1));
    (0..10).for_each(|_| short(&mut out, -1));
    short(&mut out, 0);
    out.extend(cup);
    if out.len() % 2 == 1 {
        out.push(0);
    }
    let table: Vec<u8> =
        extended.iter().flat_map(|name| [name.as_bytes(), b"\0"].concat()).collect();
    let count = i16::try_from(extended.len()).unwrap();
    for value in [count, 0, 0, count, i16::try_from(table.len()).unwrap()] {
        short(&mut out, value);
    }
    out.extend(std::iter::repeat_n(1, extended.len()));
    if out.len() % 2 == 1 {
        out.push(0);
    }
    let mut at = 0;
    for name in extended {
        short(&mut out, at);
        at += i16::try_from(name.len() + 1).unwrap();
    }
    out.extend(table);
    out
}

#[test]
fn a_terminal_that_is_known_by_its_name_has_its_colours_without_colorterm() {
    for term in [
        "xterm-kitty",
        "alacritty",
        "alacritty-direct",
        "foot",
        "foot-extra",
        "wezterm",
        "xterm-ghostty",
        "xterm-direct",
        "konsole-direct",
        "st-256color",
    ] {
        assert_eq!(palette(&format!("TERM={term}")), Palette::Rgb, "{term}");
    }
    for term in [
        "xterm",
        "xterm-256color",
        "screen",
        "screen-256color",
        "tmux",
        "tmux-256color",
        "rxvt-unicode-256color",
    ] {
        assert_eq!(palette(&format!("TERM={term}")), Palette::Indexed256, "{term}");
    }
    for term in ["xterm-16color", "rxvt", "ansi", "cygwin", "never-heard-of"] {
        assert_eq!(palette(&format!("TERM={term}")), Palette::Indexed16, "{term}");
    }
    for term in ["vt100", "vt220", "vt320", "dumb"] {
        assert_eq!(palette(&format!("TERM={term}")), Palette::Mono, "{term}");
    }
    assert_eq!(palette(""), Palette::Indexed16);
}

#[test]
fn colorterm_adds_colours_where_the_terminal_can_have_them() {
    assert_eq!(palette("TERM=xterm-256color COLORTERM=truecolor"), Palette::Rgb);
    assert_eq!(palette("TERM=xterm COLORTERM=24bit"), Palette::Rgb);
    assert_eq!(palette("TERM=never-heard-of COLORTERM=truecolor"), Palette::Rgb);
    assert_eq!(palette("TERM=xterm COLORTERM="), Palette::Indexed256, "an empty one is unset");
    assert_eq!(palette("TERM=xterm COLORTERM=gnome-terminal"), Palette::Indexed256);
    assert_eq!(palette("TERM=dumb COLORTERM=truecolor"), Palette::Mono);
    assert_eq!(palette("TERM=vt100 COLORTERM=truecolor"), Palette::Mono);
}

#[test]
fn a_console_has_the_sixteen_colours_of_a_pc_whatever_is_inherited() {
    for written in [
        "TERM=linux",
        "TERM=linux COLORTERM=truecolor",
        "TERM=linux-16color",
        "TERM=screen.linux STY=1",
    ] {
        assert_eq!(palette(written), Palette::Vga, "{written}");
    }
    assert_eq!(palette_by("TERM=linux", Some(8), &[]), Palette::Vga);
}

#[test]
fn screen_gets_256_colours_unless_its_entry_says_that_it_takes_more() {
    for written in [
        "TERM=screen STY=1.pts COLORTERM=truecolor",
        "TERM=screen.xterm-256color STY=1.pts COLORTERM=truecolor",
        "TERM=xterm-256color STY=1.pts COLORTERM=truecolor",
        "TERM=screen-256color COLORTERM=truecolor",
    ] {
        assert_eq!(palette(written), Palette::Indexed256, "{written}");
        assert_eq!(palette_by(written, Some(256), &[]), Palette::Indexed256, "{written}");
        assert_eq!(palette_by(written, Some(256), &["Tc"]), Palette::Rgb, "{written}");
    }
}

#[test]
fn tmux_takes_all_colours_where_colorterm_says_so() {
    assert_eq!(palette("TERM=tmux-256color TMUX=/t,1,0 COLORTERM=truecolor"), Palette::Rgb);
    assert_eq!(palette("TERM=screen-256color TMUX=/t,1,0 COLORTERM=truecolor"), Palette::Rgb);
    assert_eq!(palette("TERM=tmux-256color TMUX=/t,1,0"), Palette::Indexed256);
    let nested = "TERM=screen TMUX=/t,1,0 STY=1.pts COLORTERM=truecolor";
    assert_eq!(palette(nested), Palette::Indexed256, "screen within tmux, or tmux within screen");
}

#[test]
fn programs_that_call_themselves_xterm_are_known_by_their_variables() {
    for (own, colours) in [
        ("TERM_PROGRAM=iTerm.app", Palette::Rgb),
        ("TERM_PROGRAM=vscode", Palette::Rgb),
        ("VTE_VERSION=7006", Palette::Rgb),
        ("VTE_VERSION=3409", Palette::Indexed256),
        ("WT_SESSION=5f2c", Palette::Rgb),
        (
            "TERM_PROGRAM=Apple_Terminal TERM_PROGRAM_VERSION=455.1 COLORTERM=truecolor",
            Palette::Indexed256,
        ),
        ("TERM_PROGRAM=Apple_Terminal TERM_PROGRAM_VERSION=470 COLORTERM=truecolor", Palette::Rgb),
    ] {
        assert_eq!(palette(&format!("TERM=xterm-256color {own}")), colours, "{own}");
    }
    let inherited = "TERM=tmux-256color TMUX=/t,1,0 VTE_VERSION=7006";
    assert_eq!(
        palette(inherited),
        Palette::Indexed256,
        "a multiplexer's terminal may be another by now"
    );
}

#[test]
fn the_terminfo_database_speaks_for_terminals_that_are_not_known() {
    assert_eq!(palette_by("TERM=some", None, &[]), Palette::Mono);
    assert_eq!(palette_by("TERM=some", Some(8), &[]), Palette::Indexed16);
    assert_eq!(palette_by("TERM=some", Some(256), &[]), Palette::Indexed256);
    assert_eq!(palette_by("TERM=some", Some(256), &["AX", "RGB"]), Palette::Rgb);
    assert_eq!(palette_by("TERM=some", Some(8), &["Tc"]), Palette::Rgb);
    assert_eq!(
        palette_by("TERM=xterm", Some(8), &[]),
        Palette::Indexed256,
        "it says less than it does"
    );
    assert_eq!(Entry::read(b""), None);
    assert_eq!(Entry::read(b"\x1a\x01 torn"), None);
    assert_eq!(Entry::find("../../etc/passwd"), None);
}

#[test]
fn a_locale_that_is_not_utf_8_gets_ascii() {
    let characters = |written: &str| Capability::new(environment(written), None).characters();
    for (written, expected) in [
        ("LANG=C", Characters::Ascii),
        ("LANG=POSIX", Characters::Ascii),
        ("LANG=en_US.ISO-8859-1", Characters::Ascii),
        ("LANG=en_US.UTF-8", Characters::Unicode),
        ("LANG=C.utf8", Characters::Unicode),
        ("LC_CTYPE=UTF-8", Characters::Unicode),
        ("LC_CTYPE=C LANG=en_US.UTF-8", Characters::Ascii),
        ("LC_ALL=sv_SE.UTF-8 LC_CTYPE=C LANG=C", Characters::Unicode),
        ("LC_ALL= LC_CTYPE= LANG=C", Characters::Ascii),
        ("LC_ALL=C LANG=sv_SE.UTF-8", Characters::Ascii),
        ("", Characters::Unicode),
        ("TERM=linux LANG=sv_SE.UTF-8", Characters::Console),
        ("TERM=linux", Characters::Console),
        ("TERM=linux LANG=C", Characters::Ascii),
    ] {
        assert_eq!(characters(written), expected, "{written}");
    }
}

/// The demo on a terminal, with these variables and flags.
fn demo(home: &TempDir, variables: &str, flags: &[&str]) -> Stage {
    let mut command = CommandBuilder::new(PROGRAM);
    command.env_clear();
    command.args(flags.iter().chain(&["demo"]));
    command.env("HOME", home.path());
    for (name, value) in variables.split(' ').filter_map(|own| own.split_once('=')) {
        command.env(name, value);
    }
    Stage::start(command, 120, 34)
}

/// The lines that a board shows once it has rows.
fn board(variables: &str, flags: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut stage = demo(&home, variables, flags);
    let lines = |bytes: &[u8]| shown(bytes, 120, 34).screen().contents();
    stage.until("rows", |bytes| lines(bytes).contains("showing 1"));
    let text = lines(&stage.bytes());
    stage.press("q");
    stage.end();
    text
}

#[test]
fn a_board_in_a_locale_without_utf_8_is_ascii_and_tells_severity() {
    let text = board("TERM=xterm LANG=C", &[]);
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("X ") && text.contains("Kundtjanst"), "{text}");
    let forced = board("TERM=xterm LANG=C", &["--ascii=false"]);
    assert!(forced.contains("Kundtjänst"), "{forced}");
}

#[test]
fn a_board_on_a_console_draws_nothing_that_console_fonts_lack() {
    let text = board("TERM=linux LANG=C.UTF-8", &[]);
    let lacking: Vec<char> = text.chars().filter(|c| "▀▄▌▐▓○●╭╮╰╯…–".contains(*c)).collect();
    assert!(lacking.is_empty(), "{lacking:?} in\n{text}");
    assert!(text.contains("Kundtjänst") && text.contains('■'), "{text}");
}

#[test]
fn a_terminal_that_cannot_place_its_cursor_is_not_drawn_on() {
    for term in ["dumb", "unknown"] {
        let home = tempfile::tempdir().unwrap();
        let mut stage = demo(&home, &format!("TERM={term}"), &[]);
        let end = stage.end();
        let said = String::from_utf8(stage.close()).unwrap();
        assert_eq!(end.code, 2, "{said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
        assert!(
            said.contains(&format!("TERM={term}")) && said.contains("floorwalker status"),
            "{said}"
        );
    }
}

/// The program in this home, with these variables: its exit code, standard output and standard error.
fn run(home: &TempDir, variables: &[(&str, &str)], args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("HOME", home.path()).envs(variables.iter().copied());
    let output = command.args(args).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_board_without_a_terminal_says_what_to_use() {
    let home = tempfile::tempdir().unwrap();
    let (code, _, said) = run(&home, &[("TERM", "xterm")], &["demo"]);
    assert_eq!(code, 2, "{said}");
    for word in ["nohup", "floorwalker status", "floorwalker relay", "tmux"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn an_empty_variable_counts_as_unset_for_every_flag() {
    let home = tempfile::tempdir().unwrap();
    let command = Cli::command();
    let names: Vec<&str> =
        command.get_arguments().filter_map(|own| own.get_env()?.to_str()).collect();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let (code, out, said) = run(&home, &[(name, "")], &["config", "path"]);
        assert_eq!((code, said.as_str()), (0, ""), "{name}");
        assert!(out.trim_end().ends_with("config.toml"), "{name}: {out}");
    }
    let (code, _, said) = run(&home, &[("FLOORWALKER_MASK", "perhaps")], &["config", "path"]);
    assert_eq!(code, 2, "what is not empty is read: {said}");
}

#[test]
fn a_time_zone_that_is_not_known_is_said() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    std::fs::write(&path, "theme = \"midnight\"\n").unwrap();
    let check = |zone: &str| {
        let args = ["--config", path.to_str().unwrap(), "config", "check"];
        let (code, _, said) = run(&home, &[("TZ", zone)], &args);
        assert_eq!(code, 0, "{said}");
        said
    };
    let said = check("Europe/Helsinky");
    assert!(said.contains("TZ=Europe/Helsinky") && said.contains("UTC+00:00"), "{said}");
    assert_eq!(said.matches("TZ=").count(), 1, "once: {said}");
    for zone in ["UTC", "", "EET-2EEST,M3.5.0/3,M10.5.0/4"] {
        assert!(!check(zone).contains("TZ"), "{zone}");
    }
    let text = board("TERM=xterm-256color TZ=Nowhere/Land", &[]);
    assert!(text.contains("TZ=Nowhere/Land"), "{text}");
}
