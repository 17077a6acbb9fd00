//! A theme file as written: a palette, and a style for every tone and role in its words.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use toml::Spanned;

use crate::text::Shown;
use crate::theme::{Faces, PerTone, Role, ThemeError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    palette: BTreeMap<String, Colour>,
    tone: PerTone<Written>,
    role: BTreeMap<Role, Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Colour {
    rgb: Spanned<String>,
    ansi: Spanned<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    fg: Option<Spanned<String>>,
    bg: Option<Spanned<String>>,
    #[serde(default)]
    modifiers: Vec<Emphasis>,
    mono: Option<Vec<Emphasis>>,
    /// The colour of what is drawn in a tone that fills its ground.
    ink: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Emphasis {
    Bold,
    Underlined,
    Reversed,
}

/// The styles of the palette's names: in full colour, and of the sixteen.
type Colours<'a> = BTreeMap<&'a str, (Color, Color)>;

/// What a theme file says.
pub(super) struct Read {
    pub tones: PerTone<Faces>,
    pub inks: PerTone<Faces>,
    pub roles: BTreeMap<Role, Faces>,
}

/// Reads a theme file.
pub(super) fn read(text: &str) -> Result<Read, ThemeError> {
    let file: File = toml::from_str(text).map_err(|error| {
        let what = error.message().lines().next().unwrap_or_default();
        match error.span() {
            Some(span) => at(text, span.start, what),
            None => ThemeError { line: None, field: None, what: Shown::clean(what) },
        }
    })?;
    let mut colours = Colours::new();
    for (name, colour) in &file.palette {
        let rgb = colour_in(text, &colour.rgb, "#rrggbb, or reset for the terminal's own", |c| {
            matches!(c, Color::Rgb(..) | Color::Reset)
        })?;
        let ansi = colour_in(text, &colour.ansi, "one of the sixteen names, or reset", |c| {
            !matches!(c, Color::Rgb(..) | Color::Indexed(_))
        })?;
        colours.insert(name, (rgb, ansi));
    }
    let look = |written: &Written| written.look(text, &colours);
    let mut roles = BTreeMap::new();
    for role in Role::ALL {
        let written = file.role.get(&role).ok_or_else(|| missing(role))?;
        roles.insert(role, look(written)?);
    }
    if let Some(ink) = file.role.values().find_map(|role| role.ink.as_ref()) {
        return Err(at(text, ink.span().start, "ink is for tones, not for roles"));
    }
    let tones = file.tone.each(look)?;
    let inks = file.tone.each(|written| written.drawn(text, &colours))?;
    Ok(Read { tones, inks, roles })
}

impl Written {
    /// The style of what is written.
    fn look(&self, text: &str, colours: &Colours<'_>) -> Result<Faces, ThemeError> {
        let (fg, bg) =
            (find(self.fg.as_ref(), text, colours)?, find(self.bg.as_ref(), text, colours)?);
        let with = |emphasis: &[Emphasis]| Style::new().add_modifier(modifiers(emphasis));
        let plain = with(&self.modifiers);
        Ok(Faces {
            rgb: Style { fg: fg.map(|fg| fg.0), bg: bg.map(|bg| bg.0), ..plain },
            ansi: Style { fg: fg.map(|fg| fg.1), bg: bg.map(|bg| bg.1), ..plain },
            mono: with(self.mono.as_ref().unwrap_or(&self.modifiers)),
        })
    }

    /// The style of what is drawn: in the ink, if there is one, on whatever ground; never reversed, which would
    /// draw the ground instead.
    fn drawn(&self, text: &str, colours: &Colours<'_>) -> Result<Faces, ThemeError> {
        let written = self.look(text, colours)?;
        let ink = find(self.ink.as_ref(), text, colours)?;
        let with = |written: Style, ink: Option<Color>| {
            let (fg, bg) = ink.map_or((written.fg, written.bg), |ink| (Some(ink), None));
            let add_modifier = written.add_modifier - Modifier::REVERSED - Modifier::UNDERLINED;
            Style { fg, bg, add_modifier, ..written }
        };
        Ok(Faces {
            rgb: with(written.rgb, ink.map(|ink| ink.0)),
            ansi: with(written.ansi, ink.map(|ink| ink.1)),
            mono: with(written.mono, None),
        })
    }
}

/// The colour of that name.
fn find(
    name: Option<&Spanned<String>>,
    text: &str,
    colours: &Colours<'_>,
) -> Result<Option<(Color, Color)>, ThemeError> {
    let Some(name) = name else { return Ok(None) };
    colours.get(name.get_ref().as_str()).copied().map(Some).ok_or_else(|| {
        let what = format!("no colour named {:?} in [palette]", name.get_ref());
        at(text, name.span().start, &what)
    })
}

fn modifiers(emphasis: &[Emphasis]) -> Modifier {
    emphasis.iter().fold(Modifier::empty(), |all, emphasis| {
        all | match emphasis {
            Emphasis::Bold => Modifier::BOLD,
            Emphasis::Underlined => Modifier::UNDERLINED,
            Emphasis::Reversed => Modifier::REVERSED,
        }
    })
}

fn colour_in(
    text: &str,
    written: &Spanned<String>,
    known: &str,
    fits: fn(&Color) -> bool,
) -> Result<Color, ThemeError> {
    written.get_ref().parse().ok().filter(fits).ok_or_else(|| {
        let what = format!("{:?} is no colour here: write {known}", written.get_ref());
        at(text, written.span().start, &what)
    })
}

fn missing(role: Role) -> ThemeError {
    let what = Shown::clean(&format!("no style for {role}"));
    ThemeError { line: None, field: Some(Shown::clean("role")), what }
}

/// What is wrong at a byte of `text`: the line, and the key that is written there.
fn at(text: &str, byte: usize, what: &str) -> ThemeError {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count();
    let field = text.lines().nth(line).and_then(|written| {
        let (key, _) = written.split_once('=')?;
        let section =
            text.lines().take(line).filter_map(|line| line.trim().strip_prefix('[')).last();
        let section = section.and_then(|section| section.split_once(']')).map(|(name, _)| name);
        let key = [section.unwrap_or_default(), key.trim()].join(".");
        Some(Shown::clean(key.trim_start_matches('.')))
    });
    ThemeError { line: Some(line + 1), field, what: Shown::clean(what) }
}
