//! What a word on the command line options: which source, which queue, whom.
//!
//! A source may be known to a relay alone: then the relay is asked, and what it stands for is what there is.

use crate::floor::id::SourceName;
use crate::floor::{Floor, Kind};
use crate::runtime::RunError;
use crate::source::settings::Settings;
use crate::text::Shown;

/// The sources to read for the one that is `wanted`, or else for the only one that `can`: the configured one of that
/// name, or else the relays, any of which may stand for it.
///
/// # Errors
/// No source of that name and no relay; without a name, none or several.
pub(super) fn to_read(
    settings: Vec<Settings>,
    wanted: Option<&str>,
    can: fn(Kind) -> bool,
) -> Result<Vec<Settings>, RunError> {
    let names = listed(settings.iter().map(|own| &own.name));
    let relays = |own: &Settings| own.kind() == Kind::Relay;
    let Some(wanted) = wanted else {
        let able: Vec<Settings> =
            settings.into_iter().filter(|own| relays(own) || can(own.kind())).collect();
        return match able.len() {
            1 => Ok(able),
            0 => Err(RunError::usage("no configured source can do this")),
            _ => Err(which(&listed(able.iter().map(|own| &own.name)))),
        };
    };
    let configured = settings.iter().any(|own| own.name.raw() == wanted);
    let chosen: Vec<Settings> = settings
        .into_iter()
        .filter(|own| if configured { own.name.raw() == wanted } else { relays(own) })
        .collect();
    if chosen.is_empty() { Err(unknown(wanted, &names)) } else { Ok(chosen) }
}

/// The source that is meant, once what was read has told: the `wanted` one, or the only one that `can` of those for
/// which a relay stands.
///
/// # Errors
/// None of that name; without one, none or several.
pub(super) fn meant(
    floor: &Floor,
    read: &[Settings],
    wanted: Option<&str>,
    can: fn(Kind) -> bool,
) -> Result<SourceName, RunError> {
    let vendors = || floor.worlds().filter(|(_, world)| world.kind != Kind::Relay);
    let asked = wanted.or_else(|| Some(read.first()?.name.raw()));
    if let Some((name, _)) = vendors().find(|(name, _)| Some(name.raw()) == asked) {
        return Ok(name.clone());
    }
    let relay = read.iter().find(|own| Some(own.name.raw()) == asked);
    let Some(relay) = relay else {
        let names = listed(vendors().map(|(name, _)| name));
        return Err(unknown(wanted.unwrap_or_default(), &names));
    };
    let able: Vec<&SourceName> = vendors()
        .filter(|(name, world)| floor.stands_for(&relay.name, name) && can(world.kind))
        .map(|(name, _)| name)
        .collect();
    match able.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(RunError::usage("no source of the relay can do this")),
        several => Err(which(&listed(several.iter().copied()))),
    }
}

fn listed<'n>(names: impl Iterator<Item = &'n SourceName>) -> String {
    let names: Vec<String> = names.map(|name| name.shown().to_string()).collect();
    names.join(", ")
}

fn which(names: &str) -> RunError {
    RunError::usage(&format!("which source? Say --source and one of {names}"))
}

fn unknown(wanted: &str, names: &str) -> RunError {
    RunError::usage(&format!("there is no source {wanted:?}: there is {names}"))
}

/// The one candidate whose id, or else whose name without case, is `wanted`.
pub(super) fn pick<'w>(
    what: &str,
    wanted: &str,
    candidates: impl Iterator<Item = (&'w str, Shown)>,
) -> Result<String, RunError> {
    let all: Vec<(&str, Shown)> = candidates.collect();
    if let Some((id, _)) = all.iter().find(|(id, _)| *id == wanted) {
        return Ok((*id).to_owned());
    }
    let wanted_lower = wanted.to_lowercase();
    let named: Vec<&(&str, Shown)> =
        all.iter().filter(|(_, name)| name.to_lowercase() == wanted_lower).collect();
    let list = |rows: &mut dyn Iterator<Item = &(&str, Shown)>| -> String {
        let lines: Vec<String> =
            rows.map(|(id, name)| format!("\n  {}  {name}", Shown::clean(id))).collect();
        lines.concat()
    };
    match named.as_slice() {
        [(id, _)] => Ok((*id).to_owned()),
        [] => {
            Err(usage_lines(&format!("no {what} is {wanted:?}; there is:"), &list(&mut all.iter())))
        }
        several => Err(usage_lines(
            &format!("{} are named {wanted:?}; say the id:", several.len()),
            &list(&mut several.iter().copied()),
        )),
    }
}

/// A usage error with a list: its line breaks are ours, its lines are clean.
fn usage_lines(first: &str, list: &str) -> RunError {
    RunError::Choice { first: Shown::clean(first), list: list.to_owned() }
}
