//! Which tone and which part of the screen looks how: read from `themes/*.toml`, reduced to what a terminal has.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::table::Tone;
use crate::text::Shown;

pub use self::shelf::{Fault, Shelf};

mod file;
mod plain;
mod shelf;

/// A theme that is there without any file.
#[derive(Debug)]
pub struct Embedded {
    pub name: &'static str,
    /// Whom it is for, in a few words.
    pub about: &'static str,
    /// Its text, as in a file.
    pub text: &'static str,
}

macro_rules! embedded {
    ($($name:literal: $about:literal),* $(,)?) => {
        &[$(Embedded {
            name: $name,
            about: $about,
            text: include_str!(concat!("../themes/", $name, ".toml")),
        }),*]
    };
}

/// The themes that are there without any file, in the order in which the reader goes through them.
pub const THEMES: &[Embedded] = embedded![
    "midnight": "dark and calm: colour only where something is the matter",
    "daylight": "dark on light, for bright rooms",
    "contrast": "black, white and nothing pale: every text at least 7:1",
    "deuteran": "blue, orange and pale yellow, which stay apart without red and green",
    "mono": "no colour at all: weight, underline and reverse",
];

/// One theme: a style for every tone and every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    name: String,
    tones: PerTone<Faces>,
    inks: PerTone<Faces>,
    roles: BTreeMap<Role, Faces>,
    palette: Palette,
}

/// How many colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    #[default]
    Rgb,
    /// The 256 of xterm.
    Indexed256,
    /// The sixteen of a PC's console, which look the same on nearly every one.
    Vga,
    /// Sixteen that the reader chose. Of them only black and white are sure to be readable on each other.
    Indexed16,
    /// None: bold, underlined and reversed only.
    Mono,
}

/// A part of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Whatever lies under all else.
    Base,
    Header,
    /// The program's name in it.
    Brand,
    /// The time of day.
    Clock,
    /// A word that must not be missed: read-only.
    Tag,
    Tab,
    /// The tab that is open.
    TabActive,
    Heads,
    /// The header of the column that orders the rows.
    Sorted,
    Selection,
    /// The mark in front of the selected row.
    Marker,
    /// A row that may not be taken for the present.
    Stale,
    /// A pane beside the table.
    Panel,
    /// The name of a figure.
    Label,
    /// The name of a group of figures.
    Section,
    /// A line between parts.
    Rule,
    /// What a key does.
    Hint,
    /// What a key would do, were it possible.
    HintOff,
    Key,
    Footer,
    /// What stands over the board.
    Dialog,
    /// The frame round it.
    DialogBorder,
    DialogTitle,
    /// Where the next character goes.
    Cursor,
}

impl Role {
    /// Every role: each theme styles them all.
    pub const ALL: [Self; 24] = [
        Self::Base,
        Self::Header,
        Self::Brand,
        Self::Clock,
        Self::Tag,
        Self::Tab,
        Self::TabActive,
        Self::Heads,
        Self::Sorted,
        Self::Selection,
        Self::Marker,
        Self::Stale,
        Self::Panel,
        Self::Label,
        Self::Section,
        Self::Rule,
        Self::Hint,
        Self::HintOff,
        Self::Key,
        Self::Footer,
        Self::Dialog,
        Self::DialogBorder,
        Self::DialogTitle,
        Self::Cursor,
    ];
}

/// Why a theme file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct ThemeError {
    /// The line, from 1; `None` where it is about the whole file.
    pub line: Option<usize>,
    /// The key that it is about, as `tone.critical`.
    pub field: Option<Shown>,
    /// What is wrong, and what to do.
    pub what: Shown,
}

impl std::fmt::Display for Role {
    /// Its name in theme files.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, c) in format!("{self:?}").chars().enumerate() {
            let gap = if c.is_ascii_uppercase() && index > 0 { "_" } else { "" };
            write!(f, "{gap}{}", c.to_ascii_lowercase())?;
        }
        Ok(())
    }
}

/// Something for every tone: a tone without it does not compile, or does not parse.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PerTone<T> {
    plain: T,
    strong: T,
    quiet: T,
    unknown: T,
    good: T,
    warning: T,
    critical: T,
    busy: T,
}

impl<T> PerTone<T> {
    const fn of(&self, tone: Tone) -> &T {
        match tone {
            Tone::Plain => &self.plain,
            Tone::Strong => &self.strong,
            Tone::Quiet => &self.quiet,
            Tone::Unknown => &self.unknown,
            Tone::Good => &self.good,
            Tone::Warning => &self.warning,
            Tone::Critical => &self.critical,
            Tone::Busy => &self.busy,
        }
    }

    fn each<U, E>(&self, make: impl Fn(&T) -> Result<U, E>) -> Result<PerTone<U>, E> {
        Ok(PerTone {
            plain: make(&self.plain)?,
            strong: make(&self.strong)?,
            quiet: make(&self.quiet)?,
            unknown: make(&self.unknown)?,
            good: make(&self.good)?,
            warning: make(&self.warning)?,
            critical: make(&self.critical)?,
            busy: make(&self.busy)?,
        })
    }
}

/// One style in full colour, in sixteen colours and in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Faces {
    rgb: Style,
    ansi: Style,
    mono: Style,
}

impl Theme {
    /// The theme that is used unless another is chosen.
    pub fn midnight() -> &'static Self {
        static THEME: OnceLock<Theme> = OnceLock::new();
        // The suite reads every embedded file; a board without colours is still a board.
        THEME.get_or_init(|| Shelf::embedded().get("midnight").cloned().unwrap_or_else(Self::bare))
    }

    /// Reads the text of a theme file. Its name is the file's.
    ///
    /// # Errors
    /// What is no theme, names a colour that is not there, or leaves a tone or role without style.
    pub fn parse(name: &str, text: &str) -> Result<Self, ThemeError> {
        let file::Read { tones, inks, roles } = file::read(text)?;
        Ok(Self { name: name.to_owned(), tones, inks, roles, palette: Palette::Rgb })
    }

    /// A theme that styles nothing.
    fn bare() -> Self {
        Self {
            name: "bare".to_owned(),
            tones: PerTone::default(),
            inks: PerTone::default(),
            roles: BTreeMap::new(),
            palette: Palette::Mono,
        }
    }

    /// The same theme on a terminal with these colours.
    pub fn with_palette(self, palette: Palette) -> Self {
        Self { palette, ..self }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// How `tone` looks, laid over the style of the place where it stands.
    pub fn style(&self, tone: Tone) -> Style {
        self.reduced(*self.tones.of(tone))
    }

    /// How `tone` looks where it is drawn and not written: signs, and figures made of blocks.
    ///
    /// A tone that fills its ground would drown them.
    pub fn ink(&self, tone: Tone) -> Style {
        self.reduced(*self.inks.of(tone))
    }

    /// A style of this theme in bold, where its terminal draws bold letters in a colour that can be read.
    pub fn bold(&self, style: Style) -> Style {
        let bold = style.add_modifier(Modifier::BOLD);
        match self.palette {
            Palette::Rgb | Palette::Indexed256 | Palette::Mono => bold,
            Palette::Vga => plain::on_vga(bold, self.is_light()),
            Palette::Indexed16 => plain::on_any(bold, self.is_light()),
        }
    }

    /// How a part of the screen looks.
    pub fn role(&self, role: Role) -> Style {
        let faces = self.roles.get(&role).copied().unwrap_or_default();
        match (role, self.palette) {
            (Role::Base, Palette::Indexed16) => plain::base(self.ground(), self.reduced(faces)),
            (Role::Base, Palette::Vga) if self.is_light() => {
                plain::base(self.ground(), self.reduced(faces))
            }
            // A coloured bar would drown coloured letters; reversed, they keep their contrast.
            (Role::Selection, Palette::Vga) => plain::on_vga(faces.mono, self.is_light()),
            _ => self.reduced(faces),
        }
    }

    fn reduced(&self, look: Faces) -> Style {
        match self.palette {
            Palette::Rgb => look.rgb,
            Palette::Indexed256 => {
                Style { fg: look.rgb.fg.map(indexed), bg: look.rgb.bg.map(indexed), ..look.rgb }
            }
            // On a light ground a console has no colours that can be read.
            Palette::Vga if self.is_light() => plain::on_vga(look.mono, true),
            Palette::Vga => plain::on_vga(look.ansi, false),
            Palette::Indexed16 => plain::on_any(look.mono, self.is_light()),
            Palette::Mono => look.mono,
        }
    }

    /// The colour under all else, where the theme has one.
    fn ground(&self) -> Option<Color> {
        self.roles.get(&Role::Base).and_then(|base| base.rgb.bg)
    }

    fn is_light(&self) -> bool {
        plain::is_light(self.ground())
    }
}

impl Palette {
    /// Every palette, the richest first.
    pub const ALL: [Self; 5] =
        [Self::Rgb, Self::Indexed256, Self::Vga, Self::Indexed16, Self::Mono];
}

/// The nearest of the 240 fixed colours of xterm: the cube of 6³, or the greys.
fn indexed(color: Color) -> Color {
    let Color::Rgb(r, g, b) = color else { return color };
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let step = |value: u8| (0..6).min_by_key(|step| level(*step).abs_diff(value)).unwrap_or(0);
    let far = |(x, y, z): (u8, u8, u8)| {
        [(x, r), (y, g), (z, b)].map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).iter().sum::<u32>()
    };
    let (cr, cg, cb) = (step(r), step(g), step(b));
    let cube = (far((level(cr), level(cg), level(cb))), 16 + 36 * cr + 6 * cg + cb);
    let grey = (0..24u8)
        .map(|step| (far((8 + 10 * step, 8 + 10 * step, 8 + 10 * step)), 232 + step))
        .min()
        .unwrap_or(cube);
    Color::Indexed(cube.min(grey).1)
}
