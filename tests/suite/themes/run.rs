//! Themes as the program has them: flags, config file, the key, and the next run.

use std::path::Path;
use std::process::Command;

use floorwalker::theme::{Role, Shelf, THEMES};
use portable_pty::CommandBuilder;
use ratatui::style::Color;

use crate::support::pty::Stage;

const PROGRAM: &str = env!("CARGO_BIN_EXE_floorwalker");

/// What the program is told of the world: this home alone, and a terminal with all colours.
fn environment(home: &Path) -> Vec<(&'static str, String)> {
    let folder = |name: &str| home.join(name).display().to_string();
    vec![
        ("HOME", folder("")),
        ("XDG_CONFIG_HOME", folder("config")),
        ("XDG_STATE_HOME", folder("state")),
        ("XDG_DATA_HOME", folder("state")),
        ("TERM", "xterm-256color".to_owned()),
        ("COLORTERM", "truecolor".to_owned()),
    ]
}

/// The demo's board in this home.
fn demo(home: &Path, flags: &[&str]) -> Stage {
    let mut command = CommandBuilder::new(PROGRAM);
    command.env_clear();
    command.args(flags.iter().chain(&["demo"]));
    for (name, value) in environment(home) {
        command.env(name, value);
    }
    Stage::start(command, 120, 34)
}

/// Runs `config check` or the like to its end: the exit code and standard error.
fn run(home: &Path, args: &[&str]) -> (i32, String) {
    let mut command = Command::new(PROGRAM);
    command.env_clear().envs(environment(home)).args(args);
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Whether the ground of this theme was sent.
fn drawn_in(name: &str) -> impl Fn(&[u8]) -> bool {
    let shelf = Shelf::embedded();
    let Some(Color::Rgb(r, g, b)) = shelf.get(name).unwrap().role(Role::Base).bg else {
        panic!("{name} leaves its ground to the terminal");
    };
    let code = format!("48;2;{r};{g};{b}");
    move |bytes| String::from_utf8_lossy(bytes).contains(&code)
}

#[test]
fn f2_is_seen_at_once_and_remembered_by_the_next_run() {
    let home = tempfile::tempdir().unwrap();
    let mut stage = demo(home.path(), &[]);
    stage.until("midnight", drawn_in("midnight"));
    stage.press("\x1bOQ");
    stage.until("daylight", drawn_in("daylight"));
    stage.until_shown(120, 34, "theme daylight, 2 of 5");
    stage.press("q");
    assert_eq!(stage.end().code, 0);

    let mut stage = demo(home.path(), &[]);
    stage.until("daylight", drawn_in("daylight"));
    stage.press("q");
    stage.end();
    assert!(!drawn_in("midnight")(&stage.close()), "from the first picture on");

    let mut stage = demo(home.path(), &["--theme", "contrast"]);
    stage.until("contrast", drawn_in("contrast"));
    stage.press("q");
    assert_eq!(stage.end().code, 0, "a flag wins for its run");
}

#[test]
fn groups_are_remembered_by_the_next_run() {
    let home = tempfile::tempdir().unwrap();
    let mut stage = demo(home.path(), &[]);
    stage.until_shown(120, 34, "Support");
    stage.press("u");
    stage.until_shown(120, 34, "grouped by source");
    stage.press("q");
    assert_eq!(stage.end().code, 0);

    let mut stage = demo(home.path(), &[]);
    stage.until_shown(120, 34, "hq  7 queues");
    stage.press("q");
    assert_eq!(stage.end().code, 0);
}

#[test]
fn a_flag_that_names_no_theme_ends_with_2_and_the_nearest() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config.toml");
    std::fs::write(&config, "theme = \"deuteran\"\n").unwrap();
    let config = config.to_str().unwrap();
    for own in THEMES {
        let (code, error) =
            run(home.path(), &["--config", config, "--theme", own.name, "config", "check"]);
        assert_eq!((code, error.as_str()), (0, ""), "{}", own.name);
    }
    let (code, error) =
        run(home.path(), &["--config", config, "--theme", "contrasst", "config", "check"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("did you mean \"contrast\""), "{error}");
}

#[test]
fn a_broken_theme_file_is_told_by_config_check_and_on_the_board() {
    let home = tempfile::tempdir().unwrap();
    let (config, folder) = (home.path().join("config.toml"), home.path().join("themes"));
    std::fs::create_dir(&folder).unwrap();
    let broken = THEMES[0].text.replace("warning = { fg = \"amber\"", "warning = { fg = \"ambre\"");
    std::fs::write(folder.join("midnight.toml"), &broken).unwrap();
    std::fs::write(folder.join("mine.toml"), &broken).unwrap();
    std::fs::write(&config, "").unwrap();
    let config = config.to_str().unwrap();
    let line = broken.lines().position(|line| line.contains("ambre")).unwrap() + 1;
    let what = format!("midnight.toml:{line}: tone.warning: no colour named \"ambre\"");

    let (code, error) = run(home.path(), &["--config", config, "config", "check"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains(&what) && error.contains("mine.toml:"), "{error}");
    let (code, error) =
        run(home.path(), &["--config", config, "--theme", "mine", "config", "show"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("tone.warning: no colour named \"ambre\""), "{error}");

    let mut stage = demo(home.path(), &["--config", config]);
    stage.until_shown(120, 34, "a theme cannot be used");
    stage.until("the embedded midnight", drawn_in("midnight"));
    stage.press("q");
    assert_eq!(stage.end().code, 0);
}

#[test]
fn a_theme_of_the_users_own_is_drawn() {
    let home = tempfile::tempdir().unwrap();
    let config = match cfg!(target_os = "macos") {
        true => "Library/Application Support/floorwalker",
        false => "config/floorwalker",
    };
    let folder = home.path().join(config).join("themes");
    std::fs::create_dir_all(&folder).unwrap();
    let own = THEMES[0].text.replace("#0e131d", "#010203");
    std::fs::write(folder.join("night-shift.toml"), own).unwrap();
    let mut stage = demo(home.path(), &["--theme", "night-shift"]);
    stage.until("the ground of one's own", |bytes| {
        String::from_utf8_lossy(bytes).contains("48;2;1;2;3")
    });
    stage.press("q");
    assert_eq!(stage.end().code, 0);
}
