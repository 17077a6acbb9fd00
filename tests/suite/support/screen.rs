//! A screen without a terminal: facts in, cells out.

use std::collections::BTreeMap;
use std::fmt::Write;

use floorwalker::event::{Event, Stamped};
use floorwalker::floor::time::Now;
use floorwalker::operations::Access;
use floorwalker::state::{Effect, State};
use floorwalker::text::Characters;
use floorwalker::theme::{Palette, Theme};
use floorwalker::ui::{self, Look};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::eyes;

/// A state, and how it is looked at.
pub struct TestScreen {
    pub state: State,
    theme: Theme,
    characters: Characters,
}

impl TestScreen {
    /// A screen of `width` by `height` cells.
    pub fn new(state: State, width: u16, height: u16) -> Self {
        let mut screen =
            Self { state, theme: Theme::midnight().clone(), characters: Characters::Unicode };
        screen.event(Event::Resize { width, height });
        screen
    }

    /// The same with these colours.
    pub fn with_palette(self, palette: Palette) -> Self {
        Self { theme: self.theme.with_palette(palette), ..self }
    }

    /// The same in this theme.
    pub fn with_theme(self, theme: &Theme) -> Self {
        Self { theme: theme.clone(), ..self }
    }

    /// The same in ASCII.
    pub fn in_ascii(self) -> Self {
        Self { characters: Characters::Ascii, ..self }
    }

    /// The same with the characters of a console's font.
    pub fn on_console(self) -> Self {
        Self { characters: Characters::Console, ..self }
    }

    /// The same where nothing can be changed.
    pub fn read_only(mut self) -> Self {
        self.state.access = Access::ReadOnly;
        self.state.keymap = floorwalker::keymap::Keymap::standard(Access::ReadOnly);
        self
    }

    /// Takes a fact in.
    pub fn event(&mut self, event: Event) -> Vec<Effect> {
        let at = self.state.now.moment;
        self.state.apply(Stamped { at, event })
    }

    /// Presses keys, written as in config files, with a space between them. A question is read before it is answered.
    pub fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.split(' ') {
            let at = self.state.now.moment;
            effects.extend(eyes::press(&mut self.state, at, key.parse().unwrap()).1);
        }
        effects
    }

    pub fn wait(&mut self, seconds: u64) {
        let moment = self.state.now.moment.after(std::time::Duration::from_secs(seconds));
        let wall = self.state.now.wall_of(moment);
        self.event(Event::Tick(Now { moment, wall }));
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.event(Event::Resize { width, height });
    }

    pub fn buffer(&self) -> Buffer {
        let (width, height) = self.state.size;
        let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width, height });
        let look = Look { theme: &self.theme, characters: self.characters };
        ui::draw(&self.state, &look, &mut buffer, Rect { x: 0, y: 0, width, height });
        buffer
    }

    /// What is drawn, as text.
    pub fn text(&self) -> String {
        text(&self.buffer())
    }

    /// What is drawn, as text and, below it, a letter for the style of every cell: a lost red shows.
    pub fn styled(&self) -> String {
        styled(&self.buffer())
    }

    /// The first line that contains `part`.
    pub fn line(&self, part: &str) -> String {
        let text = self.text();
        let found = text.lines().find(|line| line.contains(part));
        found.unwrap_or_else(|| panic!("no line with {part:?} in\n{text}")).to_owned()
    }

    /// The style of the first cell of `part`.
    pub fn style_of(&self, part: &str) -> Style {
        let buffer = self.buffer();
        for y in 0..buffer.area.height {
            for x in 0..buffer.area.width {
                let ahead: String =
                    (x..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
                if ahead.starts_with(part) {
                    return buffer[(x, y)].style();
                }
            }
        }
        panic!("no {part:?} in\n{}", text(&buffer));
    }
}

/// The symbols of a buffer.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut covered = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if covered == 0 {
                line.push_str(symbol);
                covered = unicode_width::UnicodeWidthStr::width(symbol).max(1);
            }
            covered -= 1;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn styled(buffer: &Buffer) -> String {
    let mut out = text(buffer);
    let mut known: BTreeMap<String, char> = BTreeMap::new();
    let mut legend = String::new();
    let mut letters = ('a'..='z').chain('A'..='Z').chain('0'..='9');
    let base = name(buffer[(0, 1.min(buffer.area.height - 1))].style());
    out.push('\n');
    for y in 0..buffer.area.height {
        let mut line = String::new();
        for x in 0..buffer.area.width {
            let name = name(buffer[(x, y)].style());
            let letter = *known.entry(name.clone()).or_insert_with(|| {
                let letter = if name == base { '.' } else { letters.next().unwrap_or('?') };
                writeln!(legend, "{letter} {name}").unwrap();
                letter
            });
            line.push(letter);
        }
        out.push_str(line.trim_end_matches('.'));
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&legend);
    out
}

fn name(style: Style) -> String {
    let colour = |colour: Option<Color>| colour.unwrap_or(Color::Reset).to_string();
    let mut name = format!("{} on {}", colour(style.fg), colour(style.bg));
    for (modifier, _) in style.add_modifier.iter_names() {
        write!(name, " {}", modifier.to_lowercase()).unwrap();
    }
    name
}
