//! The generated parts of the README: made from the declarations, so that they cannot drift.

use std::fmt::Write as _;

use crate::action::{ACTIONS, Action, Reach};
use crate::floor::Kind;
use crate::operations::OPERATIONS;
use crate::relay::access::Scope;
use crate::table::{HIDDEN, TableId};
use crate::theme::THEMES;
use crate::threshold::DEFAULTS;

/// One generated part: the name between `<!-- name -->` and `<!-- /name -->`, and its text.
pub fn parts() -> [(&'static str, String); 6] {
    [
        ("keys", keys()),
        ("operations", operations()),
        ("scopes", scopes()),
        ("tables", tables()),
        ("themes", themes()),
        ("thresholds", thresholds()),
    ]
}

/// What the tokens of a relay can allow.
fn scopes() -> String {
    let mut out = String::from("| scope | what it allows | operations |\n| --- | --- | --- |\n");
    for scope in Scope::ALL {
        let own = OPERATIONS.iter().filter(|own| Scope::from(own.permission) == scope);
        let names: Vec<String> = own.map(|own| format!("`{}`", own.name)).collect();
        let names = if names.is_empty() { "–".to_owned() } else { names.join(" ") };
        let _ = writeln!(out, "| `{}` | {} | {names} |", scope.word(), scope.help());
    }
    out
}

/// What can be asked for, how, and of which vendor.
fn operations() -> String {
    let kinds = [Kind::Telepo, Kind::Enreach, Kind::Nimbus];
    let mut out = String::from("| operation | on the board | command line |");
    for kind in kinds {
        let _ = write!(out, " {} |", kind.word());
    }
    out.push_str("\n| --- | --- | --- | --- | --- | --- |\n");
    for own in &OPERATIONS {
        let action = ACTIONS.iter().find(|action| match (own.menu, action.action) {
            (Some(_), of) => of == Action::ActOnCall,
            (None, of) => of == Action::Operation(own.id),
        });
        let key = action.and_then(|action| action.keys.first());
        let board = match (key, own.menu) {
            (Some(key), Some(words)) => format!("`{key}`, {words}"),
            (Some(key), None) => format!("`{key}`"),
            (None, _) => "–".to_owned(),
        };
        let line = own.command.as_ref().map_or_else(
            || "–".to_owned(),
            |own| format!("`{}`", format!("{} {}", own.group, own.name).trim()),
        );
        let _ = write!(out, "| `{}` | {board} | {line} |", own.name);
        for kind in kinds {
            let _ = write!(out, " {} |", if own.capability.is_of(kind) { "yes" } else { "–" });
        }
        out.push('\n');
    }
    out
}

/// The keys, from `ACTIONS`.
fn keys() -> String {
    let mut out = String::from("| key | action | what it does |\n| --- | --- | --- |\n");
    for action in ACTIONS {
        let keys: Vec<String> = action.keys.iter().map(|key| format!("`{key}`")).collect();
        let mark = if action.reach == Reach::Floor { " *" } else { "" };
        let _ = writeln!(out, "| {} | `{}`{mark} | {} |", keys.join(" "), action.name, action.help);
    }
    out.push_str("\n\\* reaches the floor: absent in read-only mode.\n");
    out
}

/// The tables, from their `COLUMNS`.
fn tables() -> String {
    let mut out = String::new();
    for table in TableId::ALL {
        let _ = writeln!(out, "**{}** (`{}`)\n", table.title(), table.name());
        out.push_str("| column | on the board | what it is |\n| --- | --- | --- |\n");
        for head in table.columns() {
            let header = match (head.rank, head.header) {
                (HIDDEN, _) => "–",
                (_, "") => "●",
                (_, header) => header,
            };
            let _ = writeln!(out, "| `{}` | {header} | {} |", head.name, head.help);
        }
        out.push('\n');
    }
    out
}

/// The themes, from `THEMES`, each with its picture; the first is that of the whole page.
fn themes() -> String {
    let mut out = String::new();
    for (index, theme) in THEMES.iter().enumerate() {
        let _ = writeln!(out, "**{}**: {}.\n", theme.name, theme.about);
        if index > 0 {
            let name = theme.name;
            let _ = writeln!(out, "![The board in {name}](screenshots/theme-{name}.svg)\n");
        }
    }
    out
}

fn thresholds() -> String {
    let mut out = String::from("| column | warning | critical |\n| --- | --- | --- |\n");
    for limit in DEFAULTS {
        let sign = if limit.critical < limit.warning { "≤" } else { "≥" };
        let reached = |value: f64| match value.is_finite() {
            true => format!("{sign} {value}"),
            false => "never".to_owned(),
        };
        let (warning, critical) = (reached(limit.warning), reached(limit.critical));
        let _ = writeln!(out, "| `{}` | {warning} | {critical} |", limit.column);
    }
    out
}

/// `text` with every generated part as it is now.
pub fn refreshed(text: &str) -> String {
    let mut out = text.to_owned();
    for (name, part) in parts() {
        let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
        let Some(start) = out.find(&open).map(|at| at + open.len()) else { continue };
        let Some(end) = out[start..].find(&close).map(|at| at + start) else { continue };
        out.replace_range(start..end, &format!("\n{}\n", part.trim_end()));
    }
    out
}
