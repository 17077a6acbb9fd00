//! The config file: written, checked, shown, found; and the small promises of every command.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::json;

use crate::site::{CANARIES, PROGRAM, Run, Site, enreach, finish, telepo};

fn check(site: &Site, text: &str) -> Run {
    site.write("config.toml", text, 0o600);
    site.run(&["config", "check"])
}

#[test]
fn init_writes_a_private_sample_that_checks_and_never_overwrites() {
    let site = Site::new();
    let fresh = |args: &[&str]| finish(site.command(args).env_remove("FLOORWALKER_CONFIG"));
    let file = site.path("xdg/config/floorwalker/config.toml");
    let run = fresh(&["config", "path"]);
    assert_eq!((run.code, run.out.trim()), (0, file.to_str().unwrap()));
    assert!(!file.exists(), "asking where it is makes no file");

    let run = fresh(&["config", "check"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("config init"), "{run:?}");

    assert_eq!(fresh(&["config", "init"]).code, 0);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fresh(&["config", "check"]).code, 0);
    let before = std::fs::read_to_string(&file).unwrap();
    let run = fresh(&["config", "init"]);
    assert_ne!(run.code, 0, "{run:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);

    // Every block of the sample is right once its comment signs are taken away.
    let sample: String = before
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest)
                if rest.starts_with('[') || (!rest.starts_with(' ') && rest.contains(" = ")) =>
            {
                format!("{rest}\n")
            }
            _ => String::new(),
        })
        .collect();
    let run = check(&site, &sample);
    assert_eq!(run.code, 0, "{sample}\n{run:?}");
}

#[test]
fn a_misspelt_key_is_named_with_its_line_and_the_nearest_known_one() {
    let site = Site::new();
    let good = telepo(1);
    for (right, wrong) in [
        ("base_url", "base_ulr"),
        ("poll_agents", "pol_agents"),
        ("auth_header", "auth-header"),
        ("queuestats.user", "queuestat.user"),
    ] {
        let text = good.replace(right, wrong);
        let line = text.lines().position(|line| line.contains(wrong)).unwrap() + 1;
        let run = check(&site, &text);
        assert_eq!(run.code, 2, "{run:?}");
        let place = format!("config.toml:{line}: ");
        assert!(run.err.contains(&place), "{place} in {run:?}");
        assert!(run.err.contains(wrong) && run.err.contains(right), "{run:?}");
        assert!(run.out.is_empty(), "{run:?}");
    }
}

#[test]
fn several_mistakes_are_told_at_once_each_with_its_line() {
    let site = Site::new();
    let text = "theme = \"pink\"\n\n[[source]]\nname = \"A b\"\nkind = \"telepo\"\nbase_url = \"http://pbx.example.com/api\"\nuser = \"x\"\nticket = { env = \"T\" }\n\n[[source]]\nname = \"n\"\nkind = \"nimbs\"\n\n[keys]\nlog_out_agnt = \"x\"\n";
    let run = check(&site, text);
    assert_eq!(run.code, 2, "{run:?}");
    for (line, word) in [
        (1, "pink"),
        (3, "domain"),
        (4, "name"),
        (6, "base_url"),
        (12, "nimbus"),
        (15, "log_out_agent"),
    ] {
        let found = run.err.lines().find(|own| own.contains(&format!("config.toml:{line}: ")));
        assert!(found.is_some_and(|own| own.contains(word)), "{line} {word}: {run:?}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    let site = Site::new();
    for text in
        ["theme = \"midnight\"\n[[source]\n", "theme = midnight\n", "\u{feff}theme = 3", "a\0b"]
    {
        let run = check(&site, text);
        assert_eq!(run.code, 2, "{text:?} {run:?}");
        assert!(run.err.contains("config.toml:"), "{run:?}");
    }
}

#[test]
fn placeholders_of_a_path_are_checked() {
    let site = Site::new();
    let own = |path: &str| {
        telepo(1) + &format!("[source.endpoints.\"acd.agent.action\"]\npath = \"{path}\"\n")
    };
    let run = check(&site, &own("/agent/{domain}/{grup}/{agent}"));
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("grup"), "{run:?}");
    let run = check(&site, &own("/agent/{domain}/{group}"));
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("{agent}"), "{run:?}");
}

#[test]
fn sections_of_later_versions_are_a_notice_and_no_error() {
    let site = Site::new();
    let run = check(
        &site,
        &format!(
            "mouse = true\n{}\n[[alert]]\nname = \"x\"\nwhen = \"queues.waiting\"\n[wall.sales]\nqueues = [\"s*\"]\n",
            telepo(1)
        ),
    );
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("alert") && !run.err.contains("wall"), "{run:?}");
}

#[test]
fn a_wall_that_is_not_there_names_the_nearest_and_ends_with_2() {
    let site = Site::new();
    let text = format!("{}\n[wall.sales]\nqueues = [\"s*\"]\n", telepo(1));
    site.write("config.toml", &text, 0o600);
    let file = site.path("config.toml").display().to_string();
    let run = site.run(&["--config", &file, "wall", "sale"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("did you mean \"sales\""), "{run:?}");
    assert_eq!(site.run(&["--config", &file, "wall", "--rotate", "0s"]).code, 2);
}

#[test]
fn plain_http_is_only_for_loopback_unless_it_is_asked_for() {
    let site = Site::new();
    let far = telepo(1).replace("127.0.0.1:1", "pbx.example.com");
    let run = check(&site, &far);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("insecure_http"), "{run:?}");
    let far = far.replace("user = ", "insecure_http = true\nuser = ");
    assert_eq!(check(&site, &far).code, 0);
}

#[test]
fn the_effective_config_is_shown_without_secrets_and_is_a_config_again() {
    let site = Site::new();
    let run = site.run(&["config", "show"]);
    assert_eq!(run.code, 0, "{run:?}");
    for canary in CANARIES {
        assert!(!run.out.contains(canary) && !run.err.contains(canary), "{run:?}");
    }
    for told in [
        "auth_header = \"X-Api-Ticket\"",
        "/stats/of/{user}@{domain}/all?ver=2",
        "jane@example.net",
        "/cb/lists/now",
        "max_wait_unit",
        "discovery_url",
    ] {
        assert!(run.out.contains(told), "{told} is missing from\n{}", run.out);
    }
    // What is left out are the secrets, and only those.
    let whole: String = run
        .out
        .lines()
        .map(|line| match line {
            line if line.starts_with("# ticket:") => "ticket = { env = \"A\" }\n".to_owned(),
            line if line.starts_with("# secret_key:") => {
                "secret_key = { env = \"A\" }\n".to_owned()
            }
            line if line.starts_with("# token:") => "token = { env = \"A\" }\n".to_owned(),
            line => format!("{line}\n"),
        })
        .collect();
    let run = check(&site, &whole);
    assert_eq!(run.code, 0, "{whole}\n{run:?}");
}

#[test]
fn check_connect_says_a_line_for_each_endpoint() {
    let site = Site::new();
    site.server.fail("testconnection", json!({"status": 200}));
    let run = site.run(&["config", "check", "--connect"]);
    assert_eq!(run.code, 0, "{run:?}");
    let has = |parts: &[&str]| {
        assert!(
            run.out.lines().any(|line| parts.iter().all(|part| line.contains(part))),
            "{parts:?} in\n{}",
            run.out
        );
    };
    has(&["town", "queuestats.user", "ok", "4 rows"]);
    has(&["town", "queuestats.org", "ok", "4 rows"]);
    has(&["town", "group.list", "ok", "4 rows"]);
    has(&["town", "acd.groups.list", "ok", "4 rows"]);
    has(&["north", "queues", "ok", "4 rows"]);
    has(&["north", "cb/lists/now", "ok", "2 rows"]);
    has(&["cloud", "testconnection", "ok"]);
    has(&["cloud", "out@contoso.example", "ok", "3 rows"]);
    has(&["cloud", "back/office@contoso.example", "ok", "2 rows"]);
    assert_eq!(site.server.actions().len(), 0, "trying changes nothing");
}

#[test]
fn check_connect_says_what_failed_and_what_to_set() {
    let site = Site::new();
    site.server.fail("/stats/", json!({"status": 404, "times": 9}));
    site.server.fail("/queuestatistics/", json!({"status": 403, "times": 9}));
    site.server.fail("/en/reach/", json!({"status": 401, "times": 99}));
    let run = site.run(&["config", "check", "--connect"]);
    assert_eq!(run.code, 1, "{run:?}");
    let line = |word: &str| run.out.lines().find(|line| line.contains(word)).unwrap().to_owned();
    let user = line("queuestats.user");
    assert!(user.contains("failed") && user.contains("404") && user.contains("path"), "{user}");
    let org = line("queuestats.org");
    assert!(org.contains("403") && org.contains("Supervisor"), "{org}");
    let key = line("north");
    assert!(key.contains("401") && key.contains("secret_key"), "{key}");
    assert!(line("group.list").contains("ok"));
}

#[test]
fn without_a_config_file_and_a_terminal_the_first_screen_is_exit_code_2() {
    let site = Site::new();
    let run = finish(site.command(&[]).env_remove("FLOORWALKER_CONFIG"));
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.out.contains("demo") && run.out.contains("config init"), "{run:?}");
    let run = site.run(&[]);
    assert_eq!(run.code, 2, "a board needs a terminal: {run:?}");
    let run = site.run(&["--config", "nowhere.toml", "status"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("nowhere.toml"), "{run:?}");
}

#[test]
fn usage_errors_are_exit_code_2_and_print_no_data() {
    let site = Site::with(enreach);
    for args in [
        &["status", "queue"][..],
        &["status", "--format", "yaml"],
        &["status", "--timeout", "soon"],
        &["status", "--source", "nowhere"],
        &["logout"],
        &["entries", "remove"],
        &["frobnicate"],
        &["--theme", "pink", "status"],
        &["--mask", "--no-mask", "status"],
    ] {
        let run = site.run(args);
        assert_eq!(run.code, 2, "{args:?} {run:?}");
        assert!(run.out.is_empty() && !run.err.is_empty(), "{args:?} {run:?}");
    }
}

#[test]
fn help_and_version_are_data() {
    let site = Site::with(enreach);
    for args in
        [&["--help"][..], &["--version"], &["status", "--help"], &["entries", "remove", "-h"]]
    {
        let run = site.run(args);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(!run.out.is_empty() && run.err.is_empty(), "{args:?} {run:?}");
    }
}

#[test]
fn a_closed_pipe_ends_quietly_with_0() {
    let site = Site::new();
    for args in [
        &["status"][..],
        &["status", "--format", "json"],
        &["config", "show"],
        &["--help"],
        &["entries", "list"],
        &["config", "check", "--connect"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = site.command(args);
        command.stdout(writer).stderr(Stdio::piped());
        let output = command.output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{args:?} {err}");
        assert_eq!(err, "", "{args:?}");
    }
    assert!(PROGRAM.ends_with("floorwalker"));
}

#[test]
fn the_environment_sets_every_global_flag() {
    let site = Site::with(enreach);
    let with = |name: &str, value: &str, args: &[&str]| finish(site.command(args).env(name, value));
    assert!(with("FLOORWALKER_ASCII", "true", &["status"]).out.is_ascii());
    assert_eq!(with("FLOORWALKER_THEME", "pink", &["status"]).code, 2);
    assert_eq!(with("FLOORWALKER_NO_MASK", "1", &["status"]).code, 0);
    assert_eq!(with("FLOORWALKER_CONFIG", "/nowhere", &["status"]).code, 2);
    assert_eq!(with("FLOORWALKER_READ_ONLY", "0", &["status"]).code, 0);
}
