//! How it is drawn, as far as the state knows: the theme's name. What a theme looks like it does not know.

use crate::state::{Effect, Mouse, State};
use crate::table::Tone;
use crate::threshold::Severity;

/// The themes that there are, by name, and the one that is drawn in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Themes {
    names: Vec<String>,
    at: usize,
}

impl Themes {
    /// These themes; drawn in `chosen`, or in the first where that is none of them.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>, chosen: &str) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let at = names.iter().position(|name| name == chosen).unwrap_or(0);
        Self { names, at }
    }

    /// The theme that is drawn in; `None` where none is known.
    pub fn name(&self) -> Option<&str> {
        self.names.get(self.at).map(String::as_str)
    }
}

impl State {
    /// Says something about this run: in the log, and to the reader for a while.
    pub fn remark(&mut self, severity: Severity, text: &str) {
        let tone = match severity {
            Severity::Ok => Tone::Quiet,
            Severity::Warning => Tone::Warning,
            Severity::Critical => Tone::Critical,
        };
        self.write(None, severity, text);
        self.note(text, tone);
    }

    /// Lets go of the mouse, so that the terminal selects text with it, or takes it back.
    pub(super) fn switch_mouse(&mut self) -> Vec<Effect> {
        let (mouse, text) = match self.mouse {
            Mouse::Ours => (Mouse::LetGo, "the mouse selects text now; the same key takes it back"),
            Mouse::LetGo => (Mouse::Ours, "the mouse is used here; shift+drag selects text"),
            Mouse::Unused => {
                self.note(
                    "the mouse is not used here: set mouse = true in the config",
                    Tone::Quiet,
                );
                return Vec::new();
            }
        };
        self.mouse = mouse;
        self.note(text, Tone::Quiet);
        vec![Effect::UseMouse(mouse == Mouse::Ours)]
    }

    pub(super) fn next_theme(&mut self) -> Vec<Effect> {
        let themes = &mut self.themes;
        let count = themes.names.len();
        themes.at = (themes.at + 1).checked_rem(count).unwrap_or(0);
        let Some(name) = themes.name() else { return Vec::new() };
        let text = format!("theme {name}, {} of {count}", themes.at + 1);
        self.note(&text, Tone::Quiet);
        vec![Effect::Remember]
    }
}
